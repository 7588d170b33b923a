using ScottPlot;
using SynapticGeometry.Reporting;
using static SynapticGeometry.Papers.Kreutzer2022.Parameters;

namespace SynapticGeometry.Papers.Kreutzer2022;

/// <summary>Fig. 8: natural-gradient descent in somatic and in dendritic weights agrees.</summary>
internal sealed class Figure8() : StepInTwoCoordinates("8")
{
    public override string Title => "Natural-gradient descent does not depend on the coordinates of the weights";

    public override string Source => Citation("Fig. 8, a schematic; here one step is computed");

    public override IReadOnlyList<FigureClaim> Claims =>
    [
        new("Natural-gradient steps in somatic and in dendritic weights agree at the soma.", "largest relative disagreement of the changes over 100 synapses", ["synapses"], Deviation) { AtMost = 1e-12 },
    ];

    protected override string Rule => "Natural";

    protected override Color Color => OkabeIto.Vermilion;

    protected override double Power => 0;

    protected override Geometry Somatic(IReadOnlyList<double> rates) => new FisherGeometry(Transfer, Kernel, rates);

    protected override Geometry Dendritic(IReadOnlyList<double> rates, DendriticWeights dendrite) => Somatic(rates).In(dendrite);
}
