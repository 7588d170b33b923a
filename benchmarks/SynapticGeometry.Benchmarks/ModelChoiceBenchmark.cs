using static SynapticGeometry.Benchmarks.Simulation;

namespace SynapticGeometry.Benchmarks;

/// <summary>Is the right kind of law chosen: a power geometry, additive plus multiplicative noise, hyperbolic entropy?</summary>
internal static class ModelChoiceBenchmark
{
    private const double Change = 0.1, SizeSpread = 0.83;

    public static int Run(Arguments arguments)
    {
        int sets = arguments.Count("sets", 400, least: 2);
        List<string[]> table = [["truth", "rival", "n", "AICc right", "Vuong decides", "parameter, median", "within target"]];
        var records = new List<object>();
        bool all = true;
        foreach (int count in new[] { 200, 1000, 5000 })
        {
            // λ = 1 lies in the rival too, and is told from it by simplicity alone: no target.
            foreach (double truth in new[] { 0, 0.5, 1 })
            {
                Run(FormattableString.Invariant($"power {truth}"), ChangeModels.Power, ChangeModels.AdditiveMultiplicative, count, truth == 1 ? null : count == 200 ? 0.75 : 0.95, r => Power(r, count, truth), truth);
            }

            Run("additive 0.1, multiplicative 0.1", ChangeModels.AdditiveMultiplicative, ChangeModels.Power, count, count == 200 ? 0.9 : 0.97, r => Kesten(r, count), null);
        }

        foreach (int count in new[] { 200, 1000 })
        {
            foreach (double beta in new[] { 0.1, 0.5, 1, 3 })
            {
                double? target = beta == 0.1 ? null : count == 200 ? 0.75 : 0.95;
                Run(FormattableString.Invariant($"hyperbolic entropy, β {beta} of the median"), ChangeModels.Hyperbolic, ChangeModels.Power, count, target, r => Hyperbolic(r, count, beta), beta);
            }
        }

        Results.Write(
            "model-choice",
            "Which law the likelihood chooses",
            [
                $"{sets} data sets a setting; relative change {Change} at the median synapse; log-normal sizes, of both signs under hyperbolic entropy. AICc right: the true law has the lower AICc of the two. Vuong decides: its test prefers the true law at the 5 % level.",
                "Target: AICc is right in 95 % from 1000 synapses on (additive plus multiplicative noise 97 %), in 75 % (90 %) of sets of 200. None where one law contains the other (λ = 1) or nearly does (β = 0.1).",
            ],
            table,
            records);
        return all ? 0 : 1;

        void Run(string name, string right, string rival, int count, double? target, Func<RandomSource, PairedWeights> draw, double? parameter)
        {
            var outcomes = Repeat(sets, $"model choice {name} {count}", random =>
            {
                (IReadOnlyList<ModelFit> models, IReadOnlyList<VuongTest> tests, _) = ChangeModels.Compare(draw(random), Drift.Constant, 1, CancellationToken.None);
                ModelFit of(string model) => models.First(m => m.Name == model);
                VuongTest test = tests.First(t => t.Second == (right == ChangeModels.Power ? rival : right));
                double z = right == ChangeModels.Power ? test.Z : -test.Z;
                return (Right: of(right).Aicc < of(rival).Aicc, Decides: z > 1.96, of(right).Value);
            });
            double chosen = Share(outcomes, o => o.Right), decided = Share(outcomes, o => o.Decides), median = outcomes.Select(o => o.Value).Order().ElementAt(sets / 2);
            bool within = target is not { } least || chosen >= least;
            all &= within;
            table.Add([name, rival, $"{count}", N(chosen), N(decided), parameter is null ? "" : N(median), target is null ? "no target" : YesNo(within)]);
            records.Add(new { benchmark = "model-choice", truth = name, rival, count, sets, chosen, decided, median });
        }
    }

    private static PairedWeights Power(RandomSource random, int count, double exponent)
    {
        (double[] before, double[] after, _) = new SimulatedSynapses { Count = count, Exponent = exponent, RelativeChange = Change, VanishAtZero = false }.Draw(random);
        return PairedWeights.From<double>(before, after);
    }

    private static PairedWeights Kesten(RandomSource random, int count) =>
        Draw(random, count, signed: false, (w, z, other) => w + (Change * z) + (Change * w * other));

    private static PairedWeights Hyperbolic(RandomSource random, int count, double beta) =>
        Draw(random, count, signed: true, (w, z, _) => beta * Math.Sinh(Math.Asinh(w / beta) + (Change * z / Math.Sqrt(1 + (beta * beta)))));

    private static PairedWeights Draw(RandomSource random, int count, bool signed, Func<double, double, double, double> move)
    {
        RandomSource sizes = random.Fork("sizes"), changes = random.Fork("changes");
        double[] before = new double[count], after = new double[count];
        for (int i = 0; i < count; i++)
        {
            before[i] = Math.Exp(SizeSpread * sizes.NextNormal()) * (signed && sizes.NextDouble() < 0.5 ? -1 : 1);
            after[i] = move(before[i], changes.NextNormal(), changes.NextNormal());
        }

        return PairedWeights.From<double>(before, after);
    }
}
