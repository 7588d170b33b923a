#:project ../src/SynapticGeometry/SynapticGeometry.csproj

// A learning rule of one's own beside the natural one, which is slower at first and sooner at a small error.
// Run with: dotnet run examples/own-rule.cs
using SynapticGeometry;

var neuron = new PoissonNeuron(new SigmoidTransfer(), new SynapticKernel());
PoissonInput input = PoissonInput.Groups((50, 10), (50, 50)); // synapses, Hz
RandomSource random = new(seed: 1);
double[] start = Uniform("start"), target = Uniform("target");

foreach (PlasticityRule rule in new PlasticityRule[]
{
    new GradientPlasticity(new FisherGeometry(neuron, input)) { LearningRate = 2e-3 },
    new SaturatingPlasticity(Limit: 0.02) { LearningRate = 4e-6 },
})
{
    TeacherStudentRun run = new TeacherStudent { Neuron = neuron, Input = input, Teacher = new TargetWeights(target), Rule = rule, InitialWeights = start }.Start(random);
    UspSamples samples = UspSamples.Draw(input, neuron.Kernel, random);
    LearningCost before = samples.Cost(neuron.Transfer, run.Somatic, new TargetWeights(target));
    run.Advance(steps: 200_000);
    LearningCost after = samples.Cost(neuron.Transfer, run.Somatic, new TargetWeights(target));
    Console.WriteLine($"{rule.GetType().Name,-22} rate error {before.RateError:F2} Hz, after {run.Time:F0} s {after.RateError:F2} Hz");
}

double[] Uniform(string purpose) =>
    [.. Enumerable.Range(0, 100).Select(i => ((2 * random.Fork(purpose, (ulong)i).NextDouble()) - 1) / 100)];

// The Euclidean rule, slowed down where a weight comes near its limit.
sealed record SaturatingPlasticity(double Limit) : PlasticityRule
{
    public override void Change(in SynapticState state, Span<double> change)
    {
        for (int i = 0; i < change.Length; i++)
        {
            change[i] = LearningRate * state.Score * state.Usp[i] * Math.Max(0, 1 - Math.Pow(state.Somatic[i] / Limit, 2));
        }
    }
}
