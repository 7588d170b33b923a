#:project ../src/SynapticGeometry/SynapticGeometry.csproj

// Which geometry produced these changes? Run with: dotnet run examples/which-geometry.cs
using SynapticGeometry;

// 800 synapses with log-normal sizes that change multiplicatively, as under exponentiated gradient, by about 15 %.
(double[] before, double[] after, _) = new SimulatedSynapses { Count = 800, Exponent = 0, RelativeChange = 0.15 }.Draw(new RandomSource(seed: 7));

// A geometry of one's own: any mirror map that increases, with its derivative.
var saturating = new SeparablePotential("saturating", w => w / (1 + w), w => 1 / ((1 + w) * (1 + w)), lower: 0);

InferenceResult result = GeometryInference.Infer(
    PairedWeights.From<double>(before, after),
    new InferenceOptions { Candidates = [new NegativeEntropy(), new PNorm(2), new PNorm(3), saturating] });

Console.WriteLine(result.Verdict.Headline);
foreach (CandidateResult candidate in result.Candidates)
{
    Console.WriteLine($"{candidate.Geometry,-18} Delta-CDF {candidate.DeltaCdf:F3}   log-likelihood {candidate.LogLikelihood,9:F1}   Akaike weight {candidate.AkaikeWeight:F3}");
}

// The same geometry as a learning rule: one step of descent under negative entropy is exponentiated gradient.
Geometry geometry = new MirrorGeometry(new NegativeEntropy());
double[] weights = [0.5, -0.2, 1.0], gradient = [1, 1, -1];
geometry.Descend(weights, gradient, learningRate: 0.1, weights);
Console.WriteLine($"After one step: {string.Join(", ", weights.Select(w => w.ToString("F4")))}; every sign is kept.");
