using SynapticGeometry.Data;
using Xunit;

namespace SynapticGeometry.Tests;

public sealed class SpikeTrainFileTests
{
    [Fact]
    public void A_table_of_events_is_read_by_its_usual_names_and_in_its_unit_of_time()
    {
        SpikeTrains trains = Read("s.csv", "cell,t_ms\n10,5\n9,7\n10,20.5\n");

        Assert.Equal(["9", "10"], trains.Names);
        Assert.Equal([0.007], trains[0].ToArray(), Near);
        Assert.Equal([0.005, 0.0205], trains[1].ToArray(), Near);
    }

    [Fact]
    public void Trials_are_laid_end_to_end_and_silent_ones_counted()
    {
        SpikeTrains trains = Read("s.csv", "trial,t_ms,cell\n3,5,1\n3,499,1\n5,0,1\n", new() { Trials = "trial", TrialDuration = 0.5 });

        Assert.Equal([0.005, 0.499, 1.0], trains[0].ToArray(), Near);
        Assert.Equal(1.5, trains.Duration);
    }

    [Fact]
    public void Archives_of_one_array_a_unit_or_of_events_are_read()
    {
        byte[] one = Doubles(0.1, 0.2), two = Doubles(0.05);
        SpikeTrains byUnit = SpikeTrainFile.Read(Fixture.Open("s.npz", Fixture.Zip(("a.npy", one), ("b.npy", two))), new());
        SpikeTrains events = SpikeTrainFile.Read(Fixture.Open("s.npz", Fixture.Zip(("spike_times.npy", Doubles(0.1, 0.2, 0.3)), ("spike_clusters.npy", Doubles(2, 1, 2)))), new() { Duration = 2 });

        Assert.Equal(["a", "b"], byUnit.Names);
        Assert.Equal([0.1, 0.2], byUnit[0].ToArray());
        Assert.Equal(["1", "2"], events.Names);
        Assert.Equal([0.5, 1], events.Rates);
    }

    [Theory]
    [InlineData("unit,t_s\n1,0.2\n1,0.1\n", "s.csv: The spikes of unit 1 are not in order of time: spike 1 is at 0.1 s, after one at 0.2 s")]
    [InlineData("unit,t_s\n1,-0.2\n1,0.5\n", "s.csv: Spike 0 of unit 1 is at -0.2 s; times are from 0 to before the end of the recording, 0.5 s.")]
    [InlineData("unit,t_s\n1,\n", "s.csv: Spike 0 of unit 1 is at NaN s; times are finite.")]
    [InlineData("unit,when\n1,3\n", "has no column of spike times among")]
    [InlineData("who,t_s\n1,3\n", "has no column of units among")]
    public void What_is_not_spike_trains_is_refused_with_the_place(string text, string reason) =>
        Assert.Contains(reason, Assert.Throws<DataFileException>(() => Read("s.csv", text)).Message, StringComparison.Ordinal);

    [Fact]
    public void Trials_without_a_duration_or_with_spikes_beyond_it_are_refused()
    {
        const string text = "trial,t_ms,cell\n3,5,1\n3,600,1\n";
        Assert.Contains("must be given, in seconds", Assert.Throws<DataFileException>(() => Read("s.csv", text, new() { Trials = "trial" })).Message, StringComparison.Ordinal);
        Assert.Contains("spike 1 is at 0.6 s of trial 3", Assert.Throws<DataFileException>(() => Read("s.csv", text, new() { Trials = "trial", TrialDuration = 0.5 })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_NWB_file_is_read_by_its_index()
    {
        // Written by h5py in NWB's layout: Fixtures/make_fixtures.py.
        using DataFile file = Fixture.Open("units.nwb");
        SpikeTrains trains = SpikeTrainFile.Read(file, new());

        Assert.Equal(["7", "8", "11"], trains.Names);
        Assert.Equal([0.25, 0.5], trains[0].ToArray());
        Assert.Equal(0, trains[1].Length);
        Assert.Equal([0.125, 1.0, 1.5], trains[2].ToArray());
    }

    [Theory]
    [InlineData(1.5, "unit 0 ends at 1.5"), InlineData(4, "unit 0 ends at 4"), InlineData(double.NaN, "unit 0 ends at NaN"), InlineData(-1, "unit 0 ends at -1")]
    public void An_index_that_is_no_place_among_the_spikes_is_refused(double end, string reason)
    {
        using DataFile file = Fixture.Open("w.npz", Fixture.Zip(("units/spike_times.npy", Doubles(0.1, 0.2, 0.05)), ("units/spike_times_index.npy", Doubles(end, 3))));
        Assert.Contains($"{reason}; ends must be whole numbers", Assert.Throws<DataFileException>(() => SpikeTrainFile.Read(file, new())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_hippocampal_recording_has_its_published_counts()
    {
        SpikeTrains trains = SpikeTrainFile.Read(SharedFiles.Require("data/spikes-rat-hippocampus/spikes.csv.gz"));

        Assert.Equal(16, trains.Units);
        Assert.Equal(35112, trains.Count);
        Assert.Equal(998.18, trains.Duration, 0.01);
        Assert.Equal(0.49, trains.Rates.Min(), 0.005);
        Assert.Equal(5.24, trains.Rates.Max(), 0.005);
    }

    [Fact]
    public void The_auditory_recording_is_laid_end_to_end()
    {
        SpikeTrains trains = SpikeTrainFile.Read(
            SharedFiles.Require("data/spikes-auditory-cortex/recording1_spikes.csv.gz"), new() { Trials = "trial", TrialDuration = 0.5 });

        Assert.Equal(51, trains.Units);
        Assert.Equal(184001, trains.Count);
        Assert.Equal(3618 * 0.5, trains.Duration, 1.0);
        Assert.Equal(11.6, trains.Rates.Max(), 0.1);
    }

    private static SpikeTrains Read(string name, string text, SpikeTrainOptions? options = null) => SpikeTrainFile.Read(Fixture.OpenText(name, text), options ?? new());

    private static byte[] Doubles(params double[] values) =>
        Fixture.Npy("<f8", $"({values.Length},)", System.Runtime.InteropServices.MemoryMarshal.AsBytes<double>(values).ToArray());

    private static bool Near(double a, double b) => Math.Abs(a - b) < 1e-12;
}
