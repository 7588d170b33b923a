using System.Text;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace SynapticGeometry.Reporting;

/// <summary>
/// The report of an inference: one self-contained page, the figures and the table of candidates.
/// </summary>
public static class InferenceReport
{
    /// <summary>
    /// Writes report.html, candidates.csv, each figure as SVG and as PNG of 300 dots per inch under figures/, and, where the result has
    /// any, groups.csv, error-curve.csv, sensitivity.csv and intervals.csv. Files of these names are replaced; whether the folder appears
    /// as a whole is the caller's business.
    /// </summary>
    /// <param name="folder">The folder, made where it is not there.</param>
    /// <param name="result">What the inference found.</param>
    /// <param name="context">What the report says about its own making.</param>
    /// <exception cref="IOException">A file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">A file may not be written.</exception>
    public static void Write(string folder, InferenceResult result, ReportContext context)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentNullException.ThrowIfNull(result);
        ArgumentNullException.ThrowIfNull(context);
        IReadOnlyList<ReportFigure> figures = InferenceFigures.Draw(result, context.WeightsUnit);
        WriteFigures(folder, figures);
        foreach ((string file, string text) in CsvTable.All(result))
        {
            File.WriteAllText(Path.Combine(folder, file), text);
        }

        File.WriteAllText(Path.Combine(folder, "report.html"), Html(result, context, figures));
    }

    /// <summary>The page.</summary>
    /// <param name="result">What the inference found.</param>
    /// <param name="context">What the page says about its own making.</param>
    public static string Html(InferenceResult result, ReportContext context)
    {
        ArgumentNullException.ThrowIfNull(result);
        ArgumentNullException.ThrowIfNull(context);
        return Html(result, context, InferenceFigures.Draw(result, context.WeightsUnit));
    }

    /// <summary>
    /// The candidates as comma-separated values with round-trip precision: one line a candidate, columns named as in
    /// result.json, empty where a number does not exist, "-inf" for the likelihood of the impossible.
    /// </summary>
    /// <param name="result">What the inference found.</param>
    public static string CandidatesCsv(InferenceResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        return CsvTable.Candidates(result.Candidates);
    }

    private static string Html(InferenceResult result, ReportContext context, IReadOnlyList<ReportFigure> figures)
    {
        Dictionary<string, object?> parameters = new()
        {
            [nameof(ReportPage.Result)] = result,
            [nameof(ReportPage.Context)] = context,
            [nameof(ReportPage.Figures)] = figures,
        };
        return Render<ReportPage>(parameters);
    }

    /// <summary>Writes figures as SVG and as PNG of 300 dots per inch into the folder's own folder figures/.</summary>
    internal static void WriteFigures(string folder, IReadOnlyList<ReportFigure> figures, bool pdf = false)
    {
        string into = Path.Combine(folder, "figures");
        Directory.CreateDirectory(into);
        foreach (ReportFigure figure in figures)
        {
            File.WriteAllText(Path.Combine(into, figure.Name + ".svg"), figure.ToSvg());
            File.WriteAllBytes(Path.Combine(into, figure.Name + ".png"), figure.Sheet.ToPng());
            if (pdf)
            {
                File.WriteAllBytes(Path.Combine(into, figure.Name + ".pdf"), figure.Sheet.ToPdf());
            }
        }
    }

    /// <summary>A page as text, with line feeds.</summary>
    internal static string Render<TPage>(Dictionary<string, object?> parameters)
        where TPage : IComponent
    {
        using ServiceProvider services = new ServiceCollection().AddLogging().BuildServiceProvider();
        using ILoggerFactory loggers = services.GetRequiredService<ILoggerFactory>();
        using HtmlRenderer renderer = new(services, loggers);

        // Nothing in the page waits for anything, so the task is complete when it comes back.
        string page = renderer.Dispatcher.InvokeAsync(async () =>
            (await renderer.RenderComponentAsync<TPage>(ParameterView.FromDictionary(parameters))).ToHtmlString())
            .GetAwaiter().GetResult();
        return page.ReplaceLineEndings("\n").TrimStart() + "\n";
    }

    /// <summary>Style of the page with the embedded font, so that figures look the same on every machine.</summary>
    internal static string Style()
    {
        using Stream stream = typeof(InferenceReport).Assembly.GetManifestResourceStream("report.css")
            ?? throw new InvalidOperationException("The embedded style report.css is missing from the assembly.");
        using StreamReader reader = new(stream, Encoding.UTF8);
        static string Face(int weight, byte[] font) =>
            $"@font-face {{ font-family: \"{EmbeddedFonts.Family}\"; font-weight: {weight}; src: url(data:font/ttf;base64,{Convert.ToBase64String(font)}) format(\"truetype\"); }}\n";
        return Face(400, EmbeddedFonts.RegularBytes()) + Face(700, EmbeddedFonts.BoldBytes()) + reader.ReadToEnd();
    }
}
