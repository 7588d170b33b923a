using Xunit;

namespace SynapticGeometry.Tests;

public sealed class SpikeTrainsTests
{
    [Fact]
    public void Spikes_fall_into_the_steps_of_their_times()
    {
        // 0.3 and 0.7 are not multiples of 0.1 in binary; they stay in steps 3 and 7.
        SpikeTrains trains = new([[0.0, 0.3, 0.35], [0.3, 0.7, 0.7]], 1);
        SpikeSampler sampler = new RecordedInput(trains).Start(new RandomSource(1), 0.1);
        int[][] steps = [.. Enumerable.Range(0, 10).Select(_ => sampler.Draw().ToArray().Order().ToArray())];

        Assert.Equal([0], steps[0]);
        Assert.Equal([0, 0, 1], steps[3]);
        Assert.Equal([1, 1], steps[7]);
        Assert.Equal(6, steps.Sum(s => s.Length));
        Assert.Contains("ends after 1 s", Assert.Throws<InvalidOperationException>(() => sampler.Draw()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_spike_on_the_grid_of_a_long_run_stays_in_its_step()
    {
        double[] times = [.. Enumerable.Range(0, 100_000).Select(k => k * 0.0005)];
        SpikeSampler sampler = new RecordedInput(new SpikeTrains([times])).Start(new RandomSource(1), 0.0005);
        Assert.All(times, _ => Assert.Equal(1, sampler.Draw().Length));
    }

    [Fact]
    public void Rates_parts_and_names_are_those_of_the_recording()
    {
        SpikeTrains trains = SpikeTrains.FromEvents(["10", "9", "10", "9", "9"], [0.5, 0.1, 1.5, 0.9, 1.9], 2);

        Assert.Equal(["9", "10"], trains.Names);
        Assert.Equal([1.5, 1], trains.Rates);
        Assert.Equal([0.4], trains.Between(0.5, 1.9)[0].ToArray(), (a, b) => Math.Abs(a - b) < 1e-15);
        Assert.Equal([1.5, 1], new RecordedInput(trains).Rates);
        Assert.Throws<ArgumentOutOfRangeException>(() => trains.Between(1, 3));
    }

    [Fact]
    public void Unsorted_negative_and_late_spikes_are_refused_by_place()
    {
        Assert.Contains("unit 1 are not in order of time: spike 2 is at 0.3 s, after one at 0.4 s", Assert.Throws<ArgumentException>(() => new SpikeTrains([[1], [0.1, 0.4, 0.3]])).Message, StringComparison.Ordinal);
        Assert.Contains("Spike 0 of unit 0 is at -1 s", Assert.Throws<ArgumentOutOfRangeException>(() => new SpikeTrains([[-1]])).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => new SpikeTrains([[double.NaN]]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new SpikeTrains([[1, 2]], 2));
        Assert.Throws<ArgumentException>(() => new SpikeTrains([]));
        Assert.Throws<ArgumentException>(() => new GivenSpikes([2, 1]));
    }
}
