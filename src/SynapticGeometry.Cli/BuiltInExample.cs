namespace SynapticGeometry.Cli;

/// <summary>
/// The data of 'syngeo infer' without a file: simulated spines whose geometry is known, so that a first run shows what an answer looks
/// like and whether it is right.
/// </summary>
internal static class BuiltInExample
{
    // Sizes spread as those of cortical spines (log-normal, S = 0.7); changes of a fifth, as over days; ten dendrites.
    private static readonly SimulatedSynapses Spines = new()
    {
        Count = 1000,
        Exponent = 0.5,
        RelativeChange = 0.2,
        SizeSpread = 0.7,
        MedianSize = 0.08,
        Groups = 10,

        // Two images of the same spine within minutes then differ by about a tenth.
        Error = new MeasurementError(0.08),
    };

    private const int ControlCount = 300;

    /// <summary>What the data are, for messages and the report.</summary>
    public const string Description =
        "the built-in example: 1000 simulated spines on 10 dendrites (sizes in cubic micrometres), changed under the 1.5-norm geometry (exponent 0.5) by about 20 %, "
        + "measured with an error of 8 %, and 300 control spines measured twice";

    /// <summary>Draws the spines, before and after, and the controls, measured twice.</summary>
    /// <param name="seed">Seed of the simulation.</param>
    public static (SizeTable Table, SizeTable Controls) Draw(ulong seed)
    {
        RandomSource random = new RandomSource(seed).Fork("built-in spines");
        (double[] before, double[] after, string[] group) = Spines.Draw(random);
        return (new SizeTable([before, after], [0, 1], [0, 1], group, null), new SizeTable(Spines.DrawControls(ControlCount, 2, random), [0, 0], [0, 1], null, null));
    }

    /// <summary>What the sizes of 'syngeo distribution' without a file are.</summary>
    public const string SizesDescription =
        "the built-in example: 1000 simulated spines (sizes in cubic micrometres) that started at one size, 0.08, and changed multiplicatively (negative entropy), so that their sizes are log-normal";

    /// <summary>Draws the sizes: one constant under negative entropy, spread as those of cortical spines.</summary>
    /// <param name="seed">Seed of the simulation.</param>
    public static double[] DrawSizes(ulong seed) =>
        new ConstantStart(new NegativeEntropy(), Spines.MedianSize).Simulate([0, Math.Log(Spines.SizeSpread)], Spines.Count, 0, new RandomSource(seed).Fork("built-in sizes"));
}
