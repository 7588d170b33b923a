using System.Runtime.ExceptionServices;

namespace SynapticGeometry;

/// <summary>What the best learning rate is best at.</summary>
public enum TuningCriterion
{
    /// <summary>The mean rate error reaches the target soonest.</summary>
    Fastest,

    /// <summary>The largest learning rate whose remaining rate error is the target at most.</summary>
    Residual,
}

/// <summary>One learning rate that was tried.</summary>
/// <param name="LearningRate">η of the rule as printed.</param>
/// <param name="Time">When the mean rate error first reached the target, s; null where it did not.</param>
/// <param name="Residual">Mean rate error over the last quarter of what was run, Hz; NaN where learning diverged in the search.</param>
/// <param name="Duration">How long it was run, s: less than the study's where the target was reached, or another rate was far ahead.</param>
/// <param name="Diverged">
/// True where the weights diverged, or drove the neuron's rate beyond what the time step holds, in the search or in a check of this rate or a smaller one.
/// </param>
public readonly record struct TriedLearningRate(double LearningRate, double? Time, double Residual, double Duration, bool Diverged);

/// <summary>The outcome of a search for the best learning rate.</summary>
/// <param name="Tried">What was tried, in order.</param>
/// <param name="Best">The best of them; its numbers are those of the search, and so a little too good.</param>
/// <param name="Check">The study again at the best rate, with weights and input of its own, to the end; null where every rate diverged.</param>
/// <param name="Reached">True where some rate met the criterion.</param>
public sealed record LearningRateResult(IReadOnlyList<TriedLearningRate> Tried, TriedLearningRate Best, LearningCurve? Check, bool Reached)
{
    /// <summary>When the mean rate error reached the target in the check, s; null where it did not.</summary>
    /// <param name="target">Hz.</param>
    public double? CheckTime(double target) => Check?.TimeToRateError(target);
}

/// <summary>
/// Finds the learning rate of a rule at which it learns best, with a stated number of trials, simulated time and evaluations: the same
/// for every rule, so that rules are compared fairly.
/// </summary>
/// <remarks>
/// All rates meet the same weights, input and teacher (common random numbers), so that small differences between rates show. The search
/// goes up or down by factors of three until the best rate lies between worse ones, then narrows by golden sections of the logarithm; for
/// <see cref="TuningCriterion.Residual"/> it goes on to where the remaining error crosses the target. A run ends early where the target is
/// reached, or where it takes twice as long as the best so far. Source of the task: Kreutzer et al. 2022, Table 1.
/// </remarks>
public sealed record LearningRateSearch
{
    private const double Factor = 3;
    private const double Golden = 0.381966011250105;

    /// <summary>The study at a learning rate (η of the rule as printed); all studies have equal trials and duration.</summary>
    public required Func<double, LearningStudy> Study { get; init; }

    /// <summary>The first learning rate to try, positive; the search goes on from it as far as it must.</summary>
    public required double Start { get; init => field = Require.Positive(value, "first learning rate", nameof(Start)); }

    /// <summary>Rate error to reach, Hz, positive.</summary>
    public double Target { get; init => field = Require.Positive(value, "target", nameof(Target)); } = 0.8;

    /// <summary>What is best.</summary>
    public TuningCriterion Criterion { get; init; }

    /// <summary>Learning rates to try, at least 3; the check is not counted.</summary>
    public int Evaluations
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 3, nameof(Evaluations));
            field = value;
        }
    } = 10;

    /// <summary>Searches.</summary>
    /// <param name="random">Its forks "search" and "check" are the random numbers of the two.</param>
    /// <param name="threads">The most threads, at least 1; 0 for one a core.</param>
    /// <param name="progress">Told how much is done, from 0 to 1.</param>
    /// <param name="cancellation">Stops the search.</param>
    /// <exception cref="ArgumentException">The study is wrong in some other way than its learning rate: among others, the neuron fires too fast for the time step at every rate that was tried.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public LearningRateResult Run(RandomSource random, int threads = 0, IProgress<double>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(random);
        List<TriedLearningRate> tried = [];
        List<Exception> tooFast = [];
        TriedLearningRate Try(double rate)
        {
            double share = 1.0 / (Evaluations + 1), before = tried.Count * share;
            (TriedLearningRate one, Exception? problem) = Evaluate(rate, tried, random.Fork("search"), threads, new Part(progress, before, share), cancellation);
            tried.Add(one);
            if (problem is not null && Divergence.FiresTooFast(problem))
            {
                tooFast.Add(problem);
            }

            return one;
        }

        Narrow(tried, Try);
        if (tried.Count < Evaluations)
        {
            Cross(tried, Try);
        }

        if (tooFast.Count == tried.Count)
        {
            ExceptionDispatchInfo.Throw(tooFast[^1]);
        }

        // A rate at which the weights diverge with other input is no good one, nor is a larger one.
        LearningCurve? check = null;
        TriedLearningRate best = Best(tried);
        while (!best.Diverged && (check = Check(best.LearningRate, random.Fork("check"), threads, progress, cancellation)) is null)
        {
            double unstable = best.LearningRate;
            tried = [.. tried.Select(t => t.LearningRate >= unstable ? t with { Diverged = true } : t)];
            best = Best(tried);
        }

        return new LearningRateResult(tried, best, check, Meets(best));
    }

    private LearningCurve? Check(double rate, RandomSource random, int threads, IProgress<double>? progress, CancellationToken cancellation)
    {
        try
        {
            double share = 1.0 / (Evaluations + 1);
            return Study(rate).Run(random, threads, null, new Part(progress, 1 - share, share), cancellation).Curve;
        }
        catch (Exception problem) when (Diverges(problem))
        {
            return null;
        }
    }

    private bool Meets(TriedLearningRate tried) => !tried.Diverged && (Criterion == TuningCriterion.Fastest ? tried.Time is not null : tried.Residual <= Target);

    private TriedLearningRate Best(List<TriedLearningRate> tried)
    {
        TriedLearningRate[] meeting = [.. tried.Where(Meets)];
        return Criterion == TuningCriterion.Residual && meeting.Length > 0
            ? meeting.MaxBy(t => t.LearningRate)
            : tried.Aggregate((a, b) => Better(b, a) ? b : a);
    }

    // What a rate gives; and why learning diverged, where it did.
    private (TriedLearningRate Tried, Exception? Problem) Evaluate(
        double rate, List<TriedLearningRate> tried, RandomSource random, int threads, IProgress<double> progress, CancellationToken cancellation)
    {
        LearningStudy study = Study(rate);
        if (!study.HasDistance)
        {
            throw new ArgumentException("The teacher's spikes are given: it has no rate to come close to, so no learning rate can be told best.", nameof(rate));
        }

        double limit = 2 * (tried.Min(t => t.Time) ?? double.PositiveInfinity);
        if (Criterion == TuningCriterion.Fastest)
        {
            study = study with { Enough = curve => curve.Costs[^1].Average(c => c.RateError) <= Target || curve.Steps[^1] * curve.TimeStep > limit };
        }

        try
        {
            LearningCurve curve = study.Run(random, threads, null, progress, cancellation).Curve;
            return (new TriedLearningRate(rate, curve.TimeToRateError(Target), curve.Residual(), curve.Steps[^1] * curve.TimeStep, false), null);
        }
        catch (Exception problem) when (Diverges(problem))
        {
            return (new TriedLearningRate(rate, null, double.NaN, study.Duration, true), problem);
        }
    }

    private static bool Diverges(Exception problem) => problem is ArithmeticException || Divergence.FiresTooFast(problem);

    // Whether a is better than b: sooner at the target; else at the target at all; else closer to it; a diverged run is worst, and the
    // smaller of two such rates the better one.
    private bool Better(TriedLearningRate a, TriedLearningRate b)
    {
        if (a.Diverged || b.Diverged)
        {
            return a.Diverged ? b.Diverged && a.LearningRate < b.LearningRate : true;
        }

        return Criterion == TuningCriterion.Fastest && (a.Time is not null || b.Time is not null)
            ? (a.Time ?? double.PositiveInfinity) < (b.Time ?? double.PositiveInfinity)
            : a.Residual < b.Residual;
    }

    // Golden sections of the logarithm around the best rate.
    private void Narrow(List<TriedLearningRate> tried, Func<double, TriedLearningRate> attempt)
    {
        TriedLearningRate middle = attempt(Start), high = attempt(Start * Factor), low = default;
        bool up = Better(high, middle);
        if (up)
        {
            (low, middle) = (middle, high);
        }

        while (GoOn())
        {
            TriedLearningRate next = attempt(up ? middle.LearningRate * Factor : middle.LearningRate / Factor);
            if (!Better(next, middle))
            {
                (low, high) = up ? (low, next) : (next, high);
                break;
            }

            (low, middle, high) = up ? (middle, next, high) : (low, next, middle);
        }

        while (GoOn())
        {
            double below = Math.Log(middle.LearningRate / low.LearningRate), above = Math.Log(high.LearningRate / middle.LearningRate);
            bool upper = above > below;
            TriedLearningRate next = attempt(middle.LearningRate * Math.Exp(Golden * (upper ? above : -below)));
            if (Better(next, middle))
            {
                (low, middle, high) = upper ? (middle, next, high) : (low, next, middle);
            }
            else
            {
                (low, high) = upper ? (low, next) : (next, high);
            }
        }

        bool GoOn() => tried.Count < Evaluations && !(Criterion == TuningCriterion.Residual && tried.Exists(Meets));
    }

    // Where the remaining error, which grows with the learning rate once learning has time to end, crosses the target; its logarithm
    // is about linear in that of the rate.
    private void Cross(List<TriedLearningRate> tried, Func<double, TriedLearningRate> attempt)
    {
        while (tried.Count < Evaluations)
        {
            TriedLearningRate best = Best(tried);
            TriedLearningRate[] above = [.. tried.Where(t => t.LearningRate > best.LearningRate)];
            if (above.Length == 0)
            {
                attempt(best.LearningRate * Factor);
                continue;
            }

            TriedLearningRate over = above.MinBy(t => t.LearningRate);
            double share = over.Diverged ? 0.5 : Math.Clamp(Math.Log(Target / best.Residual) / Math.Log(over.Residual / best.Residual), 0.1, 0.9);
            attempt(best.LearningRate * Math.Pow(over.LearningRate / best.LearningRate, share));
        }
    }

    private sealed class Part(IProgress<double>? whole, double before, double share) : IProgress<double>
    {
        public void Report(double value) => whole?.Report(before + (share * value));
    }
}
