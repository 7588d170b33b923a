namespace SynapticGeometry;

/// <summary>When the weights of a run are no longer those of a neuron, and the sentences that say so.</summary>
internal static class Divergence
{
    /// <summary>mV. Neurons have some ten; whatever takes the potential beyond this does not come back.</summary>
    public const double LargestPotential = 1e6;

    // Whose rate it is, in the data of an error.
    private const string Neuron = "the neuron that learns";

    /// <summary>The somatic weight of which a single spike could take the potential beyond that, as the kernel stays below ε₀/max(τ_m, τ_s).</summary>
    /// <param name="kernel">ε.</param>
    public static double LargestWeight(SynapticKernel kernel) => LargestPotential * Math.Max(kernel.MembraneTime, kernel.SynapticTime) / kernel.Area;

    /// <summary>Weights are too large.</summary>
    /// <param name="trial">Number of the trial.</param>
    /// <param name="where">Step, time, seed and trial.</param>
    /// <param name="learningRate">η.</param>
    public static ArithmeticException TooLarge(ulong trial, string where, double learningRate) =>
        new($"The weights of trial {trial} diverge {where}; the learning rate {learningRate} is too large.");

    /// <summary>Weights have left the range of the parametrization.</summary>
    /// <param name="what">Which, as <see cref="Parametrization.Outside"/> says it.</param>
    /// <param name="where">Step, time, seed and trial.</param>
    /// <param name="learningRate">η.</param>
    public static ArithmeticException Outside(string what, string where, double learningRate) =>
        new($"{what.TrimEnd('.')}. This happened {where}; the learning rate {learningRate} may be too large.");

    /// <summary>The same error with its place.</summary>
    /// <param name="problem">What went wrong.</param>
    /// <param name="where">Step, time, seed and trial.</param>
    public static ArgumentOutOfRangeException At(ArgumentOutOfRangeException problem, string where) => new($"{Require.Words(problem)} This happened {where}.", problem);

    /// <summary>Checks the rate of the neuron that learns.</summary>
    /// <param name="rate">φ(V), Hz.</param>
    /// <param name="timeStep">dt, s.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is too high for the time step; <see cref="FiresTooFast"/> knows this error, and one that is made of it.</exception>
    public static void CheckRate(double rate, double timeStep)
    {
        try
        {
            SpikeInput.StepProbability(rate, timeStep, "the neuron");
        }
        catch (ArgumentOutOfRangeException e)
        {
            e.Data[Neuron] = true;
            throw;
        }
    }

    /// <summary>True of the error that the neuron that learns fires too fast: learning may have driven it there.</summary>
    /// <param name="problem">What went wrong.</param>
    public static bool FiresTooFast(Exception problem) => problem.Data.Contains(Neuron) || problem.InnerException?.Data.Contains(Neuron) == true;

    /// <summary>The place in a run.</summary>
    /// <param name="step">Steps done.</param>
    /// <param name="timeStep">dt, s.</param>
    /// <param name="seed">Its seed.</param>
    /// <param name="trial">Number of the trial.</param>
    public static string Where(long step, double timeStep, ulong seed, ulong trial) => $"in step {step} (time {step * timeStep} s, seed {seed}, trial {trial})";

    /// <summary>Checks the somatic weights of a trial.</summary>
    /// <param name="somatic">w, n somatic weights.</param>
    /// <param name="neuron">The neuron.</param>
    /// <param name="trial">Number of the trial.</param>
    /// <param name="where">Step, time, seed and trial.</param>
    /// <param name="learningRate">η.</param>
    /// <exception cref="ArithmeticException">They are too large, not finite, or outside the range of the parametrization.</exception>
    public static void Check(ReadOnlySpan<double> somatic, PoissonNeuron neuron, ulong trial, Func<string> where, double learningRate)
    {
        double largest = LargestWeight(neuron.Kernel);
        foreach (double w in somatic)
        {
            if (!(Math.Abs(w) <= largest))
            {
                throw TooLarge(trial, where(), learningRate);
            }
        }

        if (neuron.Parametrization.Outside(somatic) is { } what)
        {
            throw Outside(what, where(), learningRate);
        }
    }
}
