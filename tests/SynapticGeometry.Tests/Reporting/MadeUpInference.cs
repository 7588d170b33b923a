using MathNet.Numerics.Distributions;

namespace SynapticGeometry.Tests.Reporting;

/// <summary>A potential that has a name and an exponent and is never evaluated: reports read nothing else of it.</summary>
internal sealed record NamedPotential(string Called, double? Lambda) : Potential
{
    public override string Name => Called;

    public override double? Exponent => Lambda;

    public override bool AllowsZero => throw new NotSupportedException();

    public override bool CrossesZero => throw new NotSupportedException();

    public override double HessianAtZero => throw new NotSupportedException();

    public override T Value<T>(ReadOnlySpan<T> weights) => throw new NotSupportedException();

    public override T Conjugate<T>(ReadOnlySpan<T> dual, ReadOnlySpan<T> orthant) => throw new NotSupportedException();

    public override void ToDual<T>(ReadOnlySpan<T> weights, Span<T> dual) => throw new NotSupportedException();

    public override void FromDual<T>(ReadOnlySpan<T> dual, ReadOnlySpan<T> orthant, Span<T> weights) => throw new NotSupportedException();

    public override void Hessian<T>(ReadOnlySpan<T> weights, Span<T> diagonal) => throw new NotSupportedException();

    public override T Bregman<T>(ReadOnlySpan<T> a, ReadOnlySpan<T> b) => throw new NotSupportedException();
}

/// <summary>
/// Results of an inference put together by hand, so that what a report shows does not depend on how it was computed. Sizes are
/// log-normal and relative changes normal with standard deviation 0.1 |w|^-λ, both as quantiles in a fixed disorder.
/// </summary>
internal static class MadeUpInference
{
    public const double Spread = 0.83;

    public static readonly IReadOnlyList<Potential> Candidates =
    [
        new NamedPotential("negative-entropy", 0), new NamedPotential("1.5-norm", 0.5), new NamedPotential("2-norm", 1),
        new NamedPotential("2.5-norm", 1.5), new NamedPotential("3-norm", 2),
    ];

    public static PairedWeights Pairs(int count, double lambda = 0.5, bool signed = false, bool flips = false, string[]? groups = null)
    {
        double[] logSize = new double[count], logChange = new double[count];
        byte[] signs = new byte[count];
        int[] first = Disorder(count, 1), second = Disorder(count, 2);
        long negative = 0, flipped = 0;
        for (int i = 0; i < count; i++)
        {
            logSize[i] = Spread * Normal.InvCDF(0, 1, (first[i] + 0.5) / count);
            logChange[i] = 0.1 * Math.Exp(-lambda * logSize[i]) * Normal.InvCDF(0, 1, (second[i] + 0.5) / count);
            bool below = signed && i % 3 == 0, turns = flips && i % 17 == 0;
            signs[i] = (byte)((below ? 1 : 0) | (below != turns ? 2 : 0));
            negative += below ? 1 : 0;
            flipped += turns ? 1 : 0;
        }

        SynapseCounts counts = new(
            count + 14,
            count,
            new Dictionary<string, long> { ["not finite"] = 3, ["zero before"] = 0, ["vanished"] = 11, ["appeared"] = 0 },
            flipped,
            0,
            negative);
        int[]? groupOf = groups is null ? null : [.. Enumerable.Range(0, count).Select(i => i % groups.Length)];
        return new PairedWeights(logSize, logChange, signs, Math.Log(0.05), counts, groupOf, groups ?? []);
    }

    public static InferenceResult Result(
        int count = 1000, double lambda = 0.5, bool signed = false, bool flips = false, string[]? groups = null, IReadOnlyList<Potential>? candidates = null)
    {
        candidates ??= Candidates;
        PairedWeights data = Pairs(count, lambda, signed, flips, groups);
        double se = 1 / (Spread * Math.Sqrt(2.0 * count));
        double LogLikelihood(double exponent) =>
            flips && exponent <= 0 ? double.NegativeInfinity : -count * Math.Log(Math.Cosh(Spread * (exponent - lambda)));
        List<CandidateResult> results = [];
        foreach (Potential potential in candidates)
        {
            double exponent = potential.Exponent ?? 0.7, t = Spread * Math.Abs(exponent - lambda);
            double distance = Math.Min(0.75 * t * t, 0.6) + (0.83 / Math.Sqrt(count));
            results.Add(new CandidateResult
            {
                Potential = potential,
                DeltaCdf = distance + 0.0123,
                DeltaCdfCentred = distance,
                Wasserstein1 = distance + 0.0124,
                Wasserstein1Centred = distance + 0.0001,
                ResidualWasserstein1 = new(distance + 0.0002, t > 0.2 ? 0.000999 : 0.4321),
                AndersonDarling = new(0.31 + (50 * t * t), t > 0.2 ? 0.000999 : 0.5671),
                CramerVonMises = new(0.041 + (9 * t * t), t > 0.2 ? 0.000999 : 0.6126),
                LogLikelihood = LogLikelihood(exponent) - 1234.5,
                AkaikeWeight = t < 0.05 ? 0.987 : 0.0032,
                ChangeMagnitude = 0.1047 + t,
                LikelihoodRatio = potential.Exponent is null ? null : -2 * LogLikelihood(exponent),
                LikelihoodRatioP = potential.Exponent is null ? null : t < 0.05 ? 0.7654 : 0.00001,
                DualChanges = Bell(count, 1 + t),
            });
        }

        double low = flips ? 0.001 : -1;
        return new InferenceResult
        {
            Synapses = data.Counts,
            Data = data,
            Options = new InferenceOptions { Candidates = candidates, Seed = 77, Threads = 2, Bootstrap = 1000 },
            SizeSpread = Spread,
            TypicalSize = 0.05,
            TypicalChange = 0.1,
            Candidates = results,
            Exponent = new ExponentEstimate
            {
                Estimate = lambda + 0.0012,
                StandardError = se,
                RobustStandardError = 1.2 * se,
                LikelihoodInterval = new(lambda - (1.96 * se), lambda + (1.96 * se)),
                RobustInterval = new(lambda - (2.35 * se), lambda + (2.35 * se)),
                BootstrapInterval = new(lambda - (2.3 * se), lambda + (2.4 * se)),
                BootstrapStandardError = 1.21 * se,
                BootstrapReplicates = 998,
                IndependentUnits = groups is null ? "synapses" : "groups",
                SlopeEstimate = lambda + 0.013,
                SlopeStandardError = 1.6 * se,
                EstimateWithoutDrift = lambda - 0.021,
                LogLikelihood = -1234.5,
                ResidualKurtosis = 3.21,
                ResidualSkewness = -0.043,
            },
            Drift = new DriftEstimate(0.0021, -0.0134, -0.0077, 2.345, 2, 0.3096),
            Flatness = new FlatnessTests(0.4177, 0.6218),
            Models =
            [
                new ModelFit("power", "lambda", lambda, -1234.5, 5, 2479.1, 0.912),
                new ModelFit("hypentropy", "beta", 0.0311, -1238.25, 5, 2486.6, 0.0213),
                new ModelFit("additive-multiplicative", "multiplicative-share", 0.4447, -1237.1, 5, 2484.3, 0.0667),
            ],
            ModelSynapses = count,
            Vuong = [new VuongTest("power", "hypentropy", 1.739, 0.0820), new VuongTest("power", "additive-multiplicative", 0.512, 0.6086)],
            Groups = groups is null
                ? []
                :
                [
                    .. groups.Select((g, k) => k == 0
                        ? new GroupEstimate(g, 4, null, null, null, null, [], "fewer than 8 pairs")
                        : new GroupEstimate(g, count / groups.Length, lambda + (0.01 * k), 0.0456, new(lambda - 0.1, lambda + 0.13), "1.5-norm", [0.1, 0.2], string.Empty)),
                ],
            Profile = [.. Enumerable.Range(0, 161).Select(i => low + ((3 - low) * i / 160)).Select(x => (x, LogLikelihood(x)))],
            DeltaCdfCurve =
            [
                .. Enumerable.Range(0, 61).Select(i => low + ((3 - low) * i / 60)).Select(x =>
                {
                    double distance = Math.Min(0.75 * Math.Pow(Spread * (x - lambda), 2), 0.6) + (0.83 / Math.Sqrt(count));
                    return (x, distance + 0.0123, distance);
                }),
            ],
            ClosestOfAll = candidates.MinBy(c => Math.Abs((c.Exponent ?? 9) - lambda))!.Name,
            Verdict = new Verdict(
                "The changes look like those of the 1.5-norm.",
                "The exponent is 0.50, 95 % interval 0.44 to 0.56.",
                true,
                ["Measurement error was not modelled: it drags the exponent towards 0.", "Residuals are close to normal."],
                null),
        };
    }

    /// <summary>A result with a measurement: an error from controls, or none known and a curve; analyses without each of some groups; three intervals.</summary>
    public static InferenceResult Measured(InferenceResult result, bool known = true, int groups = 3)
    {
        double at = result.Exponent.Estimate;
        SensitivityRow Row(string kind, string label, double? factor, double moved) =>
            new(kind, label, factor, result.Data.Count, at + moved, new(at + moved - 0.11, at + moved + 0.13), string.Empty);
        MeasurementResult measurement = new()
        {
            Source = known ? ErrorSource.Controls : ErrorSource.Unknown,
            Error = known ? new MeasurementError(0.0794, 0.00123) : MeasurementError.None,
            Controls = known ? new ErrorEstimate(new MeasurementError(0.0811, 0.00119), 0.0037, 298, 301, 0.0213, 5.67, 1.13) : null,
            Method = known ? MeasurementMethod.LatentSize : MeasurementMethod.Exact,
            Reason = known ? "there is a detection limit" : "the error of measurement is not known, and none is assumed",
            Vanished = known ? VanishedSynapses.Recorded : VanishedSynapses.Ignored,
            DetectionLimit = known ? 0.0191 : null,
            Synapses = result.Data.Count,
            VanishedUsed = known ? 9 : 0,
            Excluded = new Dictionary<string, long> { ["missing"] = 4, ["vanished"] = 0 },
            Design = (2, 2),
            Determinable = known,
            WhyNot = known ? string.Empty : "the error of measurement is not known",
            Reliability = known ? 0.4427 : null,
            Ignoring = result.Exponent with { Estimate = 0.3147 },
            Curve = known ? [] : [.. Enumerable.Range(0, 6).Select(i => new ErrorCurvePoint(0.04 * i, at + (0.02 * i * i), new(at - 0.1, at + 0.1 + (0.1 * i * i)), 0.3 - (0.03 * i)))],
            LargestError = 0.2413,
            Sensitivity =
            [
                .. known ? [Row("error", "error ignored", 0, -0.19), Row("error", "1.5 times the error", 1.5, 0.2341), Row("limit", "1.25 times the limit", 1.25, 0.01)] : Array.Empty<SensitivityRow>(),
                Row("tails", "1 % of the tails left out", 0.01, 0.02),
                new("drift", "no size-dependent drift", null, result.Data.Count, null, null, "no, \"clear\" maximum"),
                .. Enumerable.Range(0, groups).Select(g => Row("group", $"without dendrite number {g}", null, 0.04 * Math.Sin(g))),
            ],
        };
        return result with
        {
            Measurement = measurement,
            Exponent = known ? result.Exponent with { SlopeEstimate = double.NaN, SlopeStandardError = double.NaN } : result.Exponent,
            Intervals =
            [
                new(4, 6, 1200, 0.4321, new(0.35, 0.52), 0.1011, string.Empty), new(8, 5, 1000, 0.4543, new(0.36, 0.56), 0.1399, string.Empty),
                new(16, 3, 600, 0.4765, null, 0.1788, string.Empty), new(24, 1, 3, null, null, null, "too few"),
            ],
        };
    }

    // A histogram of normal quantiles, wider or narrower than the standard normal.
    private static Histogram Bell(int count, double width)
    {
        long[] bins = new long[100];
        long below = 0, above = 0;
        for (int i = 0; i < count; i++)
        {
            double z = width * Normal.InvCDF(0, 1, (i + 0.5) / count), place = (z + 5) * 10;
            if (place < 0)
            {
                below++;
            }
            else if (place >= 100)
            {
                above++;
            }
            else
            {
                bins[(int)place]++;
            }
        }

        return new Histogram(-5, 5, bins, below, above);
    }

    private static int[] Disorder(int count, ulong stream)
    {
        int[] order = [.. Enumerable.Range(0, count)];
        ulong[] keys = [.. order.Select(i => Mix((ulong)i + (stream << 40)))];
        Array.Sort(keys, order);
        return order;
    }

    // Stafford's mixer: neighbouring numbers become unrelated ones.
    private static ulong Mix(ulong x)
    {
        x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9UL;
        x = (x ^ (x >> 27)) * 0x94D049BB133111EBUL;
        return x ^ (x >> 31);
    }
}
