using ScottPlot;
using SynapticGeometry.Reporting;
using static SynapticGeometry.Papers.Kreutzer2022.Parameters;

namespace SynapticGeometry.Papers.Kreutzer2022;

/// <summary>Fig. 1: Euclidean descent in somatic and in dendritic weights disagrees by f′².</summary>
internal sealed class Figure1() : StepInTwoCoordinates("1")
{
    private static readonly Geometry Euclid = new MirrorGeometry(new PNorm(2));

    public override string Title => "Euclidean gradient descent depends on the coordinates of the weights";

    public override string Source => Citation("Fig. 1, a schematic; here one step is computed");

    public override IReadOnlyList<FigureClaim> Claims =>
    [
        new("Euclidean steps in somatic and in dendritic weights disagree at the soma by f′².", "largest relative deviation of the ratio of changes from f′² over 100 synapses", ["synapses"], Deviation) { AtMost = 1e-12 },
        new("The disagreement is large: the most distant synapse learns at most a fiftieth.", "smallest ratio of the changes", ["synapses"], d => d["synapses"]["ratio"].Min()) { AtMost = 0.02 },
    ];

    protected override string Rule => "Euclidean";

    protected override Color Color => OkabeIto.Blue;

    protected override double Power => 2;

    protected override Geometry Somatic(IReadOnlyList<double> rates) => Euclid;

    protected override Geometry Dendritic(IReadOnlyList<double> rates, DendriticWeights dendrite) => Euclid;
}
