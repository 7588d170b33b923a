using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using SynapticGeometry.Reporting;
using Xunit;

namespace SynapticGeometry.Tests.Reporting;

public sealed class ReportTests
{
    private static readonly ReportContext Context = new()
    {
        Command = "syngeo infer spines.csv --before day0 --after day24",
        Version = "9.8.7",
        InputDescription = "spines.csv, columns day0 and day24",
        WeightsUnit = "µm³",
        SourceNote = "simulated data of known geometry",
    };

    [Fact]
    public void The_verdict_comes_first_and_the_command_version_and_seed_are_there()
    {
        InferenceResult result = MadeUpInference.Result();

        string text = Text(InferenceReport.Html(result, Context));

        int verdict = text.IndexOf(result.Verdict.Headline, StringComparison.Ordinal);
        Assert.InRange(verdict, 0, text.IndexOf("Key numbers", StringComparison.Ordinal));
        Assert.All(result.Verdict.Conditions, c => Assert.Contains(c, text, StringComparison.Ordinal));
        foreach (string expected in new[] { Context.Command, "9.8.7", "77", Context.InputDescription, Context.SourceNote!, "µm³", "1,014", "2305.19394", "10.7554/eLife.66526" })
        {
            Assert.Contains(expected, text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Every_number_of_the_table_is_on_the_page()
    {
        // Written out by hand from the made-up result of the 1.5-norm: distance 0.83 / sqrt(1000) = 0.02625.
        string text = Text(InferenceReport.Html(MadeUpInference.Result(), Context));

        foreach (string number in new[]
        {
            "0.0385", "0.0262", "0.0386", "0.0263", "0.0264", "0.432", "0.310", "0.567", "0.0410", "0.613",
            "−1234.50", "0.987", "0.765", "0.105",
            "0.501", "0.447 to 0.553", "0.437 to 0.563", "0.438 to 0.565", "998", "0.513", "0.479", "1.20", "3.21", "−0.04",
            "0.418", "0.622", "2479.10", "−1238.25", "0.0311", "0.445", "1.74", "0.082", "0.51", "0.609", "0.310",
        })
        {
            Assert.Contains(number, text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Hostile_names_stay_names()
    {
        const string Hostile = "<script>alert('x')</script>\" onload=\"x\" & \u0001";
        InferenceResult result = MadeUpInference.Result(
            200, groups: ["small", Hostile], candidates: [new NamedPotential(Hostile, 0.5), new NamedPotential("2-norm", 1)]);
        ReportContext context = Context with { InputDescription = Hostile, Command = Hostile, SourceNote = Hostile, WeightsUnit = Hostile };

        string html = InferenceReport.Html(result, context);

        Assert.DoesNotContain("<script", html, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotMatch("<[^<>]*onload", html);
        Assert.Contains("&lt;script&gt;", html, StringComparison.Ordinal);
        foreach (ReportFigure figure in InferenceFigures.Draw(result, Hostile))
        {
            System.Xml.Linq.XDocument.Parse(figure.ToSvg());
        }
    }

    [Fact]
    public void The_page_stands_alone()
    {
        string html = InferenceReport.Html(MadeUpInference.Result(3000), Context);

        Assert.True(html.Length < 1_000_000, $"The page has {html.Length} characters.");
        Assert.DoesNotContain("<script", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<link", html, StringComparison.Ordinal);
        Assert.DoesNotContain("@import", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<!--", html, StringComparison.Ordinal);

        // Namespaces are names, not addresses that are fetched.
        string[] addresses = [.. Find(html, "https?://[^ \\n\"<)]+").Where(a => !a.Contains("www.w3.org", StringComparison.Ordinal))];
        Assert.Empty(addresses);
        Assert.All(Find(html, "(?:src=\"|href=\"|url\\()([^\")]*)").Where(a => !a.StartsWith('#')), a => Assert.StartsWith("data:", a, StringComparison.Ordinal));
    }

    [Fact]
    public void The_page_is_accessible()
    {
        string html = InferenceReport.Html(MadeUpInference.Result(groups: ["a", "b"]), Context);

        Assert.StartsWith("<!DOCTYPE html>", html, StringComparison.Ordinal);
        Assert.Contains("<html lang=\"en\">", html, StringComparison.Ordinal);
        int[] levels = [.. Find(html, "<h([1-6])[ >]").Select(h => int.Parse(h, CultureInfo.InvariantCulture))];
        Assert.Equal(1, levels[0]);
        Assert.DoesNotContain(1, levels[1..]);
        Assert.All(levels.Zip(levels[1..]), pair => Assert.True(pair.Second <= pair.First + 1));
        Assert.Equal(6, html.Split("<svg").Length - 1);
        Assert.Equal(6, html.Split("role=\"img\"").Length - 1);
        Assert.DoesNotContain("<th>", html, StringComparison.Ordinal);
        Assert.Equal(html.Split("<table").Length, html.Split("<caption").Length);
        string[] ids = Find(html, " id=\"([^\"]+)\"");
        Assert.Equal(ids.Length, ids.Distinct().Count());
    }

    [Fact]
    public void Groups_are_shown_where_there_are_any_and_only_there()
    {
        string with = Text(InferenceReport.Html(MadeUpInference.Result(300, groups: ["mouse 1", "mouse 2", "mouse 3"]), Context));
        string without = Text(InferenceReport.Html(MadeUpInference.Result(300), Context));

        Assert.Contains("mouse 3", with, StringComparison.Ordinal);
        Assert.Contains("fewer than 8 pairs", with, StringComparison.Ordinal);
        Assert.Contains("sandwich over groups", with, StringComparison.Ordinal);
        Assert.DoesNotContain("The exponent in each group", without, StringComparison.Ordinal);
    }

    [Fact]
    public void Groups_together_and_their_prediction_are_on_the_page()
    {
        PairedWeights pairs = Simulated.Pairs(new SimulatedSynapses { Count = 400, Exponent = 0.5, Groups = 5 });
        InferenceOptions quick = new() { Bootstrap = 0, GoodnessOfFitReplicates = 19 };
        InferenceResult result = GeometryInference.Infer(pairs, quick, null, TestContext.Current.CancellationToken);
        RandomEffects effects = result.Meta!.RandomEffects!;

        string html = InferenceReport.Html(result, Context), text = Text(html);

        Assert.Equal(7, html.Split("<svg").Length - 1);
        Assert.Contains("The exponent of every group", text, StringComparison.Ordinal);
        int decimals = Numbers.Decimals(effects.StandardError);
        foreach (string number in new[]
        {
            Numbers.Fixed(effects.Mean, decimals), Numbers.Interval(effects.Interval, decimals), Numbers.Interval(effects.PredictionInterval, decimals), Numbers.Fixed(effects.CochranQ, 2),
            Numbers.Fixed(result.CrossValidation!.Models[1].LogPredictiveDensity, 2), Numbers.Fixed(result.CrossValidation.Models[1].DifferenceStandardError, 2),
        })
        {
            Assert.Contains(number, text, StringComparison.Ordinal);
        }

        string[] ids = Find(html, " id=\"([^\"]+)\"");
        Assert.Equal(ids.Length, ids.Distinct().Count());
    }

    [Theory]
    [InlineData(2)]
    [InlineData(6)]
    [InlineData(61)]
    [InlineData(400)]
    public void A_forest_plot_of_any_number_of_groups_fits_on_a_page(int count)
    {
        // 13 synapses a group in the made-up result; the first group of it has no estimate.
        string[] groups = [.. Enumerable.Range(0, count + 1).Select(i => $"an animal with a rather long name {i}")];

        ReportFigure figure = InferenceFigures.Groups(MadeUpInference.Result(13 * count, groups: groups))!;

        Assert.InRange(figure.Sheet.HeightMillimetres, 40, 210);
        Assert.Contains($"{count} groups", figure.Caption, StringComparison.Ordinal);
        Assert.Contains("Not drawn: 1 group without an estimate", figure.Caption, StringComparison.Ordinal);
        string svg = figure.ToSvg();
        Assert.Contains("multiplicative", svg, StringComparison.Ordinal);
        Assert.True(figure.Sheet.ToPng(50).Length > 100);
    }

    [Fact]
    public void The_measurement_is_on_the_page_with_all_its_numbers_and_the_slope_is_not()
    {
        string html = InferenceReport.Html(MadeUpInference.Measured(MadeUpInference.Result(groups: ["a", "b"]), groups: 40), Context), text = Text(html);

        foreach (string expected in new[]
        {
            "7.94 %", "0.00123", "8.11 %", "0.00119", "0.37 %", "301 differences", "298 synapses", "p = 0.021", "5.67", "above 5", "1.13 times", "44.3 %", "24.1 %",
            "latent-size", "there is a detection limit", "0.0191", "9 vanished synapses", "4 missing", "0.315", "11 and 0",
            "moves farthest from 0.501, by 0.234", "“1.5 times the error”", "+0.234", "−0.190", "Of 40 analyses with one group left out, the 12",
            "0.432", "10.1 %", "14.0 %", "too few", "Tobin J (1958)", "Rabiner LR (1989)", "(Figure 1)",
        })
        {
            Assert.Contains(expected, text, StringComparison.Ordinal);
        }

        Assert.DoesNotContain("Slope estimate", text, StringComparison.Ordinal);
        Assert.DoesNotContain("No measurement error is modelled here", text, StringComparison.Ordinal);
        Assert.Equal(html.Split("<table").Length, html.Split("<caption").Length);
        string[] ids = Find(html, " id=\"([^\"]+)\"");
        Assert.Equal(ids.Length, ids.Distinct().Count());
        Assert.Equal([.. Enumerable.Range(1, 8).Select(i => $"Figure {i}.")], Find(html, "<strong>(Figure [0-9]+\\.)"));
    }

    [Fact]
    public void Without_an_error_there_is_a_curve_first_and_no_single_answer()
    {
        string text = Text(InferenceReport.Html(MadeUpInference.Measured(MadeUpInference.Result(), known: false), Context));

        Assert.Contains("The exponent is not determined: the error of measurement is not known", Regex.Replace(text, "<[^>]*>", string.Empty, RegexOptions.NonBacktracking), StringComparison.Ordinal);
        Assert.Contains("Figure 1. The exponent against the error of measurement", text, StringComparison.Ordinal);
        Assert.Contains("(Figure 2)", text, StringComparison.Ordinal);
        Assert.Contains("if there is no error of measurement", text, StringComparison.Ordinal);
        Assert.Contains("Slope estimate", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_is_said_of_measurement_where_nothing_was_measured()
    {
        string html = InferenceReport.Html(MadeUpInference.Result(), Context);

        Assert.All(["measurement", "sensitivity", "intervals"], id => Assert.DoesNotContain($"<h2 id=\"{id}\"", html, StringComparison.Ordinal));
        Assert.DoesNotContain("Tobin", html, StringComparison.Ordinal);
        Assert.Contains("No measurement error is modelled here", html, StringComparison.Ordinal);
    }

    [Fact]
    public void What_does_not_exist_is_said_in_words()
    {
        string open = Text(InferenceReport.Html(FigureTests.Open(MadeUpInference.Result(12)), Context));
        string impossible = Text(InferenceReport.Html(FigureTests.WithImpossible(MadeUpInference.Result(600, signed: true, flips: true)), Context));

        Assert.Contains("1.40 or less (lower end open)", open, StringComparison.Ordinal);
        Assert.Contains("open at both ends", open, StringComparison.Ordinal);
        Assert.Contains("not run", open, StringComparison.Ordinal);
        Assert.Contains("left out by option", open, StringComparison.Ordinal);
        Assert.Contains("impossible (−∞)", impossible, StringComparison.Ordinal);
        Assert.DoesNotContain("NaN", open + impossible, StringComparison.Ordinal);
        Assert.DoesNotContain("Infinity", open + impossible, StringComparison.Ordinal);
    }

    [Fact]
    public void Candidates_are_written_to_full_precision()
    {
        InferenceResult result = FigureTests.WithImpossible(MadeUpInference.Result(
            100, candidates: [new NamedPotential("a, \"quoted\" name", null), .. MadeUpInference.Candidates]));

        string[] lines = InferenceReport.CandidatesCsv(result).TrimEnd('\n').Split('\n');

        Assert.Equal(7, lines.Length);
        Assert.StartsWith("geometry,exponent,delta_cdf,delta_cdf_centred,wasserstein1,", lines[0], StringComparison.Ordinal);
        Assert.StartsWith("\"a, \"\"quoted\"\" name\",,", lines[1], StringComparison.Ordinal);
        string[] names = lines[0].Split(','), norm = lines[3].Split(',');
        Assert.Equal("1.5-norm", norm[0]);
        double Value(string name) => double.Parse(norm[Array.IndexOf(names, name)], CultureInfo.InvariantCulture);
        CandidateResult candidate = result.Candidates[2];
        Assert.Equal(candidate.DeltaCdf, Value("delta_cdf"));
        Assert.Equal(candidate.AndersonDarling.P, Value("anderson_darling_p"));
        Assert.Equal(candidate.LogLikelihood, Value("log_likelihood"));
        Assert.Equal(candidate.ChangeMagnitude, Value("change_magnitude"));
        Assert.Equal("-inf", lines[2].Split(',')[Array.IndexOf(names, "log_likelihood")]);
    }

    [Fact]
    public void Sensitivity_intervals_curve_and_groups_are_written_to_full_precision()
    {
        InferenceResult result = MadeUpInference.Measured(MadeUpInference.Result(120, groups: ["small", "a, b"]), known: false);

        Dictionary<string, string[]> tables = CsvTable.All(result).ToDictionary(t => t.File, t => t.Text.TrimEnd('\n').Split('\n'));

        Assert.Equal(["candidates.csv", "error-curve.csv", "groups.csv", "intervals.csv", "sensitivity.csv"], tables.Keys.Order(StringComparer.Ordinal));
        Assert.Equal("error,estimate,robust_ci95_low,robust_ci95_high,change", tables["error-curve.csv"][0]);
        ErrorCurvePoint last = result.Measurement!.Curve[^1];
        double[] numbers = [.. tables["error-curve.csv"][^1].Split(',').Select(t => double.Parse(t, CultureInfo.InvariantCulture))];
        Assert.Equal([last.Error, last.Estimate, last.Interval.Low, last.Interval.High, last.Change], numbers);
        Assert.Equal("drift,no size-dependent drift,,120,,,,\"no, \"\"clear\"\" maximum\"", tables["sensitivity.csv"][2]);
        Assert.Equal("4,6,1200,0.4321,0.35,0.52,0.1011,", tables["intervals.csv"][1]);
        Assert.Equal("small,4,,,,,,fewer than 8 pairs", tables["groups.csv"][1]);
        Assert.StartsWith("\"a, b\",60,", tables["groups.csv"][2], StringComparison.Ordinal);
        Assert.Single(CsvTable.All(MadeUpInference.Result(20)));
    }

    [Fact]
    public void Everything_is_written_into_the_folder_the_same_each_time()
    {
        string folder = Directory.CreateTempSubdirectory("syngeo-report-").FullName;
        try
        {
            InferenceResult result = MadeUpInference.Result(80);
            InferenceReport.Write(Path.Combine(folder, "one"), result, Context);
            InferenceReport.Write(Path.Combine(folder, "two"), result, Context);

            string[] files = Files(Path.Combine(folder, "one"));
            Assert.Equal(
                [
                    "candidates.csv", "figures/delta-cdf.png", "figures/delta-cdf.svg", "figures/drift.png", "figures/drift.svg", "figures/dual-changes.png",
                    "figures/dual-changes.svg",
                    "figures/profile-likelihood.png", "figures/profile-likelihood.svg", "figures/size-dependence.png", "figures/size-dependence.svg",
                    "figures/weights.png", "figures/weights.svg", "report.html",
                ],
                files);
            Assert.All(files, f => Assert.Equal(File.ReadAllBytes(Path.Combine(folder, "one", f)), File.ReadAllBytes(Path.Combine(folder, "two", f))));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Theory]
    [InlineData(0.0004, "< 0.001")]
    [InlineData(0.0432, "0.043")]
    [InlineData(double.NaN, "–")]
    public void A_p_value_is_given_as_precisely_as_it_deserves(double p, string expected) => Assert.Equal(expected, Numbers.P(p));

    [Theory]
    [InlineData(0.000012345, "1.23·10⁻⁵")]
    [InlineData(123456.7, "123457")]
    [InlineData(-0.0012345, "−0.00123")]
    [InlineData(99.96, "100.0")]
    public void A_number_has_three_significant_digits(double value, string expected) => Assert.Equal(expected, Numbers.Significant(value));

    private static string[] Files(string folder) =>
        [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(folder, f).Replace('\\', '/')).Order(StringComparer.Ordinal)];

    private static string Text(string html) => WebUtility.HtmlDecode(html[html.IndexOf("<body>", StringComparison.Ordinal)..]);

    // What a pattern's first group, or else the whole of it, finds.
    private static string[] Find(string html, string pattern) =>
        [.. Regex.Matches(html, pattern, RegexOptions.NonBacktracking).Select(m => m.Groups[m.Groups.Count > 1 ? 1 : 0].Value)];
}
