using Xunit;

namespace SynapticGeometry.Tests.Neurons;

public sealed class StretchTests
{
    private const double TimeStep = 0.001;

    [Fact]
    public void A_stretch_of_a_recording_is_a_part_of_it_from_a_random_time()
    {
        // Spikes whose distances say where they are: the k-th comes k ms after the one before.
        double[] train = [.. Enumerable.Range(1, 60).Select(k => 0.001 * k * (k + 1) / 2)];
        RecordedInput input = new(new SpikeTrains([train], 2));
        double[] first = Times(input, 1), second = Times(input, 2);

        Assert.NotEqual(first, second);
        Assert.All(new[] { first, second }, times =>
        {
            double gap = times[1] - times[0];
            int at = (int)Math.Round(1000 * gap) - 2;
            Assert.Equal(train.Skip(at).Take(times.Length).Select(t => t - train[at]), times.Select(t => t - times[0]), (a, b) => Math.Abs(a - b) < 1.5 * TimeStep);
        });

        Assert.Same(input.Rates, input.Rates);
        Assert.Contains(
            "3 s was asked for; the recording is 2 s long",
            Assert.Throws<ArgumentOutOfRangeException>(() => input.Stretch(new RandomSource(1), 3)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Samples_of_a_recorded_input_come_from_all_of_it()
    {
        // One synapse is active in the first half of the recording, the other in the second.
        double[] early = [.. Enumerable.Range(0, 500).Select(k => 0.01 * k)], late = [.. Enumerable.Range(0, 500).Select(k => 5 + (0.01 * k))];
        UspSamples samples = UspSamples.Draw(new RecordedInput(new SpikeTrains([early, late], 10)), new SynapticKernel(), new RandomSource(3), 200, 0.1);
        int first = Enumerable.Range(0, 200).Count(k => samples[k][0] > 1);
        int second = Enumerable.Range(0, 200).Count(k => samples[k][1] > 1);

        // Binomial with 200 draws of one half: five standard deviations are 35.
        Assert.InRange(first, 65, 135);
        Assert.InRange(second, 65, 135);
    }

    [Fact]
    public void Rates_that_repeat_are_taken_from_a_random_phase_and_others_stay()
    {
        VaryingPoissonInput wave = new([20], [40], (t, _) => 20 * (1 + Math.Sin(2 * Math.PI * t)));
        Assert.Same(wave, wave.Stretch(new RandomSource(1), 1));
        PoissonInput steady = PoissonInput.Groups((3, 10));
        Assert.Same(steady, steady.Stretch(new RandomSource(1), 1));

        // At one time of the stretch the mean over phases is the mean rate, where without a period it is the rate of that time: here 40 Hz.
        VaryingPoissonInput periodic = wave with { Period = 1 };
        double shifted = Enumerable.Range(0, 4000).Sum(k => Count(periodic.Stretch(new RandomSource((ulong)k), 1), (ulong)k));
        double fixedPhase = Enumerable.Range(0, 4000).Sum(k => Count(periodic, (ulong)k));
        Assert.Equal(4000 * 0.04 * 20, shifted, 5 * Math.Sqrt(4000 * 0.04 * 20 * 1.5));
        Assert.True(fixedPhase > 4000 * 0.04 * 36);

        static int Count(SpikeInput input, ulong seed)
        {
            SpikeSampler sampler = input.Start(new RandomSource(seed).Fork("spikes"), TimeStep);
            int count = 0;
            for (int step = 0; step < 270; step++)
            {
                int now = sampler.Draw().Length;
                count += step >= 230 ? now : 0;
            }

            return count;
        }
    }

    private static double[] Times(RecordedInput input, ulong seed)
    {
        SpikeSampler sampler = input.Stretch(new RandomSource(seed), 0.3).Start(new RandomSource(0), TimeStep);
        return [.. Enumerable.Range(0, 300).Where(_ => sampler.Draw().Length > 0).Select(step => step * TimeStep)];
    }
}
