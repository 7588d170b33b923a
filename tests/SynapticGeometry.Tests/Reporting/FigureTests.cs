using System.Buffers.Binary;
using System.Xml.Linq;
using SynapticGeometry.Reporting;
using Xunit;

namespace SynapticGeometry.Tests.Reporting;

public sealed class FigureTests
{
    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    /// <summary>Ordinary data, the fewest, many, signed with and without flips, a candidate outside the power family, sizes measured with and without a known error.</summary>
    public static TheoryData<string> Cases => ["ordinary", "five", "many", "signed", "flips", "open", "outside-family", "measured", "unknown"];

    private static InferenceResult Case(string name) => name switch
    {
        "five" => MadeUpInference.Result(5),
        "many" => MadeUpInference.Result(100_000),
        "signed" => MadeUpInference.Result(600, signed: true),
        "flips" => WithImpossible(MadeUpInference.Result(600, signed: true, flips: true)),
        "open" => Open(MadeUpInference.Result(12)),
        "outside-family" => MadeUpInference.Result(300, candidates: [.. MadeUpInference.Candidates, new NamedPotential("hypentropy", null)]),
        "measured" => MadeUpInference.Measured(MadeUpInference.Result(400), groups: 100),
        "unknown" => MadeUpInference.Measured(MadeUpInference.Result(400), known: false),
        _ => MadeUpInference.Result(),
    };

    [Theory, MemberData(nameof(Cases))]
    public void Every_figure_is_well_formed_and_its_text_is_text(string name)
    {
        foreach (ReportFigure figure in InferenceFigures.Draw(Case(name), "µm³"))
        {
            XElement root = XDocument.Parse(figure.ToSvg()).Root!;
            string[] texts = [.. root.Descendants(Svg + "text").Select(t => t.Value)];
            string[] expected = figure.Name switch
            {
                "weights" => name is "signed" or "flips"
                    ? ["weight (µm³)", "size of weight (µm³), log scale", "share of synapses per bin", "negative weights", "positive weights", "before", "after"]
                    : ["weight (µm³)", "weight (µm³), log scale", "share of synapses per bin", "before", "after", "A", "B"],
                "size-dependence" => ["|ln(after / before) − median|, log scale", "λ = 0", "λ = 1"],
                "dual-changes" => ["dual change / SD", "density", "2-norm"],
                "delta-cdf" => ["exponent λ", "Delta-CDF", "as published", "centred", "p = λ + 1 of the candidates"],
                "drift" => ["change, ln(after / before)", "median ± standard error"],
                "error-curve" => ["relative error of one measurement (%)", "exponent λ", "all change is error", "0 multiplicative", "1 additive"],
                "sensitivity" => ["exponent λ", "1 % of the tails left out", "λ̂ of the analysis", "0 multiplicative"],
                "intervals" => ["interval between sessions (unit of input)", "spread of change c (%), log scale", "slope ½: a random walk"],
                _ => ["exponent λ", "L(λ) − L(λ̂)", "95 % threshold", "robust interval"],
            };
            Assert.All(expected, label => Assert.Contains(label, texts));
            Assert.Equal("img", (string?)root.Attribute("role"));
            Assert.Equal(figure.Title, root.Element(Svg + "title")!.Value);
            Assert.NotEmpty(figure.Caption);
        }
    }

    [Theory, MemberData(nameof(Cases))]
    public void No_coordinate_of_a_figure_is_nonsense(string name)
    {
        foreach (ReportFigure figure in InferenceFigures.Draw(Case(name)))
        {
            string svg = figure.ToSvg();
            Assert.DoesNotContain("NaN", svg, StringComparison.Ordinal);
            Assert.DoesNotContain("nan", svg.Split("<desc")[0] + svg.Split("</desc>")[1], StringComparison.Ordinal);
            Assert.DoesNotContain("=\"inf", svg, StringComparison.Ordinal);
            Assert.DoesNotContain(", \"", svg, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Every_text_lies_within_the_figure()
    {
        foreach (ReportFigure figure in Cases.SelectMany(c => InferenceFigures.Draw(Case(c.Data), "a unit with a rather long name")))
        {
            XElement root = XDocument.Parse(figure.ToSvg()).Root!;
            double width = figure.Sheet.WidthMillimetres * FigureStyle.PointsPerMillimetre;
            double height = figure.Sheet.HeightMillimetres * FigureStyle.PointsPerMillimetre;
            foreach (XElement text in root.Descendants(Svg + "text").Where(t => !t.AncestorsAndSelf().Any(a => a.Attribute("transform") is not null)))
            {
                double x = (double)text.Attribute("x")!, y = (double)text.Attribute("y")!, length = (double?)text.Attribute("textLength") ?? 4;
                Assert.True(x >= -0.01 && x + length <= width + 0.01 && y > 0 && y <= height, $"\"{text.Value}\" of {figure.Name} leaves the sheet: x {x}, length {length}, y {y}");
            }
        }
    }

    [Fact]
    public void Equal_results_give_equal_bytes_and_other_results_do_not()
    {
        ReportFigure[] once = [.. InferenceFigures.Draw(MadeUpInference.Result(400))];
        ReportFigure[] again = [.. InferenceFigures.Draw(MadeUpInference.Result(400))];
        ReportFigure[] other = [.. InferenceFigures.Draw(MadeUpInference.Result(400, lambda: 1))];
        for (int i = 0; i < once.Length; i++)
        {
            Assert.Equal(once[i].ToSvg(), again[i].ToSvg());
            Assert.Equal(once[i].Sheet.ToPng(50), again[i].Sheet.ToPng(50));
            Assert.NotEqual(once[i].ToSvg(), other[i].ToSvg());
        }
    }

    [Fact]
    public void A_png_has_the_size_of_print_times_its_resolution()
    {
        ReportFigure figure = InferenceFigures.DeltaCdf(MadeUpInference.Result(50));

        byte[] png = figure.Sheet.ToPng();

        // 85 mm x 68 mm at 300 dots per inch; 300 per inch is 11811 per metre.
        Assert.Equal((1004, 803), (BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(16)), BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(20))));
        Assert.Equal("pHYs"u8.ToArray(), png[37..41]);
        Assert.Equal(11811, BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(41)));

        // The checksum that zlib's crc32 gives for "pHYs", 11811, 11811, 1.
        Assert.Equal(0x78A53F76u, BinaryPrimitives.ReadUInt32BigEndian(png.AsSpan(50)));
        using SkiaSharp.SKBitmap decoded = SkiaSharp.SKBitmap.Decode(png);
        Assert.Equal(1004, decoded.Width);
    }

    [Fact]
    public void What_is_transparent_is_drawn_once()
    {
        ReportFigure figure = InferenceFigures.SizeDependence(MadeUpInference.Result(300));

        string[] pictures = [.. Enumerable.Range(0, 2).Select(_ => figure.ToSvg())];

        Assert.Equal(pictures[0], pictures[1]);
        Assert.Single(XDocument.Parse(pictures[0]).Descendants(Svg + "path"), p => (string?)p.Attribute("fill") == "#D55E00" && p.Attribute("fill-opacity") is not null);
    }

    [Fact]
    public void A_pdf_is_one_page_with_its_font()
    {
        string pdf = System.Text.Encoding.Latin1.GetString(InferenceFigures.DeltaCdf(MadeUpInference.Result(50)).Sheet.ToPdf());

        Assert.StartsWith("%PDF", pdf, StringComparison.Ordinal);
        Assert.Contains("SynGeoSans", pdf, StringComparison.Ordinal);
        Assert.Contains("/Count 1", pdf, StringComparison.Ordinal);
    }

    [Fact]
    public void Identifiers_of_two_figures_never_meet_and_every_reference_is_met()
    {
        XElement[] roots = [.. InferenceFigures.Draw(MadeUpInference.Result(7000)).Select(f => XDocument.Parse(f.ToSvg()).Root!)];

        string[] ids = [.. roots.SelectMany(r => r.DescendantsAndSelf().Attributes("id")).Select(a => a.Value)];
        Assert.Equal(ids.Length, ids.Distinct().Count());
        foreach (XAttribute attribute in roots.SelectMany(r => r.Descendants().Attributes()))
        {
            if (attribute.Value.StartsWith("url(#", StringComparison.Ordinal))
            {
                Assert.Contains(attribute.Value[5..^1], ids);
            }
            else if (attribute.Name.LocalName == "href" && attribute.Value.StartsWith('#'))
            {
                Assert.Contains(attribute.Value[1..], ids);
            }
        }
    }

    [Fact]
    public void The_fitted_line_of_the_size_figure_has_the_slope_of_the_estimate()
    {
        // Both axes are log10 and equally long in data units per point only by chance: read the scale from the ticks instead.
        InferenceResult result = MadeUpInference.Result(1000, lambda: 1);
        XElement root = XDocument.Parse(InferenceFigures.SizeDependence(result).ToSvg()).Root!;

        (double X1, double Y1, double X2, double Y2) line = Segment(root, "#D55E00");
        double perDecadeX = Place(root, "0.1", horizontal: true) - Place(root, "0.01", horizontal: true);
        double perDecadeY = Place(root, "0.1", horizontal: false) - Place(root, "0.01", horizontal: false);
        double slope = (line.Y2 - line.Y1) / perDecadeY / ((line.X2 - line.X1) / perDecadeX);

        Assert.Equal(-result.Exponent.Estimate, slope, 0.01);
    }

    [Fact]
    public void A_caption_counts_what_is_not_drawn()
    {
        ReportFigure figure = InferenceFigures.SizeDependence(MadeUpInference.Result(850, flips: true));

        Assert.Contains("50 that changed sign", figure.Caption, StringComparison.Ordinal);
    }

    [Fact]
    public void A_profile_computed_near_its_maximum_only_is_joined_to_the_candidates()
    {
        InferenceResult result = MadeUpInference.Result();
        InferenceResult near = result with { Profile = [.. result.Profile.Where(p => p.Exponent is > 0.3 and < 0.7)] };

        Assert.Contains("interpolated between the candidates", InferenceFigures.ProfileLikelihood(near).Caption, StringComparison.Ordinal);
        Assert.DoesNotContain("interpolated", InferenceFigures.ProfileLikelihood(result).Caption, StringComparison.Ordinal);
    }

    [Fact]
    public void Figures_of_measurement_are_drawn_where_there_is_something_to_draw()
    {
        string[] Names(InferenceResult result) => [.. InferenceFigures.Draw(result).Select(f => f.Name)];
        InferenceResult plain = MadeUpInference.Result(100);

        Assert.Equal(["size-dependence", "profile-likelihood", "drift", "dual-changes", "delta-cdf", "weights"], Names(plain));
        Assert.Equal([.. Names(plain), "sensitivity", "intervals"], Names(MadeUpInference.Measured(plain)));
        Assert.Equal(["error-curve", .. Names(plain), "sensitivity", "intervals"], Names(MadeUpInference.Measured(plain, known: false)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    [InlineData(100)]
    public void A_sensitivity_figure_of_any_number_of_rows_fits_on_a_page(int groups)
    {
        ReportFigure figure = InferenceFigures.Draw(MadeUpInference.Measured(MadeUpInference.Result(100), groups: groups)).Single(f => f.Name == "sensitivity");

        Assert.InRange(figure.Sheet.HeightMillimetres, 30, 212);
        Assert.Contains($"from {groups + 4} analyses", figure.Caption, StringComparison.Ordinal);
        Assert.Contains("Not drawn: 1 analysis without an estimate", figure.Caption, StringComparison.Ordinal);
        Assert.Equal(groups > 30, figure.Caption.Contains("sorted by their estimate", StringComparison.Ordinal));
    }

    [Fact]
    public void The_line_of_sizes_measured_with_error_is_said_to_be_no_fit()
    {
        InferenceResult result = MadeUpInference.Result(300);

        Assert.Contains("not a fit to the points", InferenceFigures.SizeDependence(MadeUpInference.Measured(result)).Caption, StringComparison.Ordinal);
        Assert.Contains(">error alone<", InferenceFigures.SizeDependence(MadeUpInference.Measured(result)).ToSvg(), StringComparison.Ordinal);
        Assert.DoesNotContain("not a fit", InferenceFigures.SizeDependence(MadeUpInference.Measured(result, known: false)).Caption, StringComparison.Ordinal);
        Assert.Contains("sizes as measured", InferenceFigures.DualChanges(MadeUpInference.Measured(result)).Caption, StringComparison.Ordinal);
        Assert.DoesNotContain("sizes as measured", InferenceFigures.DualChanges(result).Caption, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0.7)]
    [InlineData(-0.4)]
    [InlineData(1e-6)]
    public void The_drift_between_its_three_sizes_is_the_fitted_curve(double lambda)
    {
        // A uniform drift, a reversion and a constant dual change, on the scale of relative change.
        const double S = 0.83;
        double Fitted(double u) => 0.1 - (0.2 * u) + (0.3 * Math.Exp(-lambda * u));
        DriftEstimate drift = new(Fitted(-S), Fitted(0), Fitted(S), 1, 2, 0.6);

        Assert.All(new[] { -1.9, -S, -0.3, 0, S, 1.7 }, u => Assert.Equal(Fitted(u), DriftFigure.Mean(drift, lambda, S, u), 1e-9));
    }

    [Theory]
    [InlineData(0, "0")]
    [InlineData(-0.25, "−0.25")]
    [InlineData(1e-7, "10⁻⁷")]
    [InlineData(-2e8, "−2·10⁸")]
    [InlineData(100_000, "100000")]
    public void A_tick_label_is_short(double value, string expected) => Assert.Equal(expected, AxisTicks.Label(value));

    [Fact]
    public void Ticks_of_a_logarithmic_axis_stand_at_the_logarithms_of_their_labels()
    {
        foreach ((double low, double high) in new[] { (-3.0, 2.0), (-0.2, 0.9), (1.1, 1.25), (-300.0, 300.0), (0.0, 0.5) })
        {
            AxisTick[] labelled = [.. AxisTicks.Log10(low, high, 6).Where(t => t.Label.Length > 0)];
            Assert.InRange(labelled.Length, 2, 12);
            foreach (AxisTick tick in labelled.Where(t => !t.Label.Contains('⁰') && !t.Label.StartsWith("10", StringComparison.Ordinal)))
            {
                Assert.Equal(Math.Log10(double.Parse(tick.Label, System.Globalization.CultureInfo.InvariantCulture)), tick.Position, 1e-9);
            }
        }
    }

    [Fact]
    public void A_figure_of_no_size_is_refused() =>
        Assert.Contains("5 mm", Assert.Throws<ArgumentOutOfRangeException>(() => new FigureSheet(5, 50)).Message, StringComparison.Ordinal);

    internal static InferenceResult Open(InferenceResult result) => result with
    {
        Exponent = result.Exponent with
        {
            LikelihoodInterval = new(double.NegativeInfinity, 1.4),
            RobustInterval = new(double.NegativeInfinity, double.PositiveInfinity),
            BootstrapInterval = null,
            BootstrapStandardError = null,
            BootstrapReplicates = 0,
        },
        Drift = null,
        Vuong = [],
    };

    internal static InferenceResult WithImpossible(InferenceResult result) => result with
    {
        Candidates =
        [
            .. result.Candidates.Select(c => c.Exponent > 0
                ? c
                : c with { LogLikelihood = double.NegativeInfinity, AkaikeWeight = 0, LikelihoodRatio = double.PositiveInfinity, LikelihoodRatioP = 0, DeltaCdf = double.NaN, DeltaCdfCentred = double.NaN }),
        ],
    };

    private static (double X1, double Y1, double X2, double Y2) Segment(XElement root, string stroke)
    {
        string d = root.Descendants(Svg + "path").First(p => (string?)p.Attribute("stroke") == stroke && ((string)p.Attribute("d")!).Count(c => c == 'L') == 1)
            .Attribute("d")!.Value;
        double[] n = [.. d.Split(['M', 'L', ' ', ','], StringSplitOptions.RemoveEmptyEntries).Select(v => double.Parse(v, System.Globalization.CultureInfo.InvariantCulture))];
        return (n[0], n[1], n[2], n[3]);
    }

    // Where a tick label is centred (horizontal axis) or stands (vertical axis); the horizontal axis is the lower of the two.
    private static double Place(XElement root, string label, bool horizontal)
    {
        XElement[] found = [.. root.Descendants(Svg + "text").Where(t => t.Value == label).OrderBy(t => (double)t.Attribute("y")!)];
        XElement text = horizontal ? found[^1] : found[0];
        return horizontal ? (double)text.Attribute("x")! + ((double)text.Attribute("textLength")! / 2) : (double)text.Attribute("y")!;
    }
}
