using System.Text;
using SynapticGeometry.Data;
using SynapticGeometry.Reporting;

namespace SynapticGeometry.Papers;

/// <summary>
/// A folder of figures: one folder each, written whole or not at all, and a page that shows them all. What is finished stays when a run
/// ends early, and is used again.
/// </summary>
public sealed class FigureFolder
{
    private const string RecordFile = "figure.json";
    private const string GalleryFile = "index.html";
    private const string GalleryMark = "<meta name=\"generator\" content=\"syngeo figure";

    private readonly string folder;
    private readonly bool force;

    /// <summary>A folder, made where it is not there.</summary>
    /// <param name="folder">Its path.</param>
    /// <param name="force">Whether finished figures are computed again and what stands in the way is replaced.</param>
    /// <exception cref="DataFileException">It is a file, or may not be written to, or holds another page.</exception>
    public FigureFolder(string folder, bool force = false)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        (this.folder, this.force) = (folder, force);
        if (File.Exists(folder))
        {
            throw new DataFileException($"{folder} cannot be written: it is a file, not a folder.");
        }

        string page = Path.Combine(folder, GalleryFile);
        if (!force && File.Exists(page) && !File.ReadAllText(page).Contains(GalleryMark, StringComparison.Ordinal))
        {
            throw new DataFileException($"{page} is another page; name another folder, or ask for it to be replaced (--force).");
        }

        TryToWrite(folder);
    }

    /// <summary>The record of a figure that is finished with this scale, seed, version and data; null where it has to be computed.</summary>
    /// <param name="request">The figure.</param>
    /// <param name="scale">The scale.</param>
    /// <param name="seed">The seed.</param>
    /// <param name="version">Version of the software.</param>
    /// <param name="files">The user's own data; null for none.</param>
    /// <exception cref="DataFileException">Its folder holds something else, and nothing may be replaced.</exception>
    public FigureRecord? Finished(FigureRequest request, FigureScale scale, ulong seed, string version, FigureFiles? files = null)
    {
        ArgumentNullException.ThrowIfNull(request);
        string path = Path.Combine(folder, request.Id), file = Path.Combine(path, RecordFile);
        if (force || !Path.Exists(path) || (Directory.Exists(path) && !Directory.EnumerateFileSystemEntries(path).Any()))
        {
            return null;
        }

        if (!File.Exists(file))
        {
            throw new DataFileException($"{path} is there but has no {RecordFile}: it is unfinished, or not a figure. Remove it, or ask for it to be replaced (--force).");
        }

        FigureRecord record = FigureRecord.Read(file);
        string difference = record.Id != request.Id ? $"figure {record.Id}"
            : record.Scale != scale ? $"scale {record.Scale.ToString().ToLowerInvariant()}"
            : record.Seed != seed ? $"seed {record.Seed}"
            : record.Version != version ? $"version {record.Version}"
            : request.Figure.Inputs(files ?? FigureFiles.None).Any(p => !record.Parameters.Contains(p)) ? "other data"
            : string.Empty;
        return difference.Length == 0
            ? record
            : throw new DataFileException($"{path} holds the result of {difference}; name another folder, or ask for it to be replaced (--force).");
    }

    /// <summary>
    /// Writes a figure's folder, whole or not at all: tables as CSV and together as .npz, the drawing, made from the tables as they stand in
    /// the files, as SVG, PNG and PDF, and figure.json.
    /// </summary>
    /// <param name="request">The figure.</param>
    /// <param name="result">What it found.</param>
    /// <param name="record">Its record.</param>
    /// <exception cref="DataFileException">It cannot be written.</exception>
    public void Write(FigureRequest request, FigureResult result, FigureRecord record)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(result);
        ArgumentNullException.ThrowIfNull(record);
        string path = Path.Combine(folder, request.Id);
        using AtomicDirectory target = AtomicDirectory.Create(path, force);
        WriteErrors.Guard(path, () =>
        {
            result.Data.Write(target.Path, request.Id + ".npz");
            FigureData data = FigureData.Read(target.Path, result.Data.Tables.Select(t => t.Name));
            FigureSheet sheet = request.Figure.Draw(data, request.Panels);
            File.WriteAllText(Path.Combine(target.Path, request.Id + ".svg"), sheet.ToSvg(request.Id, request.Figure.Title));
            File.WriteAllBytes(Path.Combine(target.Path, request.Id + ".png"), sheet.ToPng());
            File.WriteAllBytes(Path.Combine(target.Path, request.Id + ".pdf"), sheet.ToPdf());
            File.WriteAllText(Path.Combine(target.Path, RecordFile), record.ToJson());

            // Where files are replaced one by one, a run cut off between them must not leave what looks finished.
            if (Directory.Exists(path))
            {
                File.Delete(Path.Combine(path, RecordFile));
            }

            return 0;
        });
        target.Commit();
    }

    /// <summary>The pieces that an earlier run of this figure, cut off, has finished.</summary>
    /// <param name="request">The figure.</param>
    /// <param name="scale">The scale.</param>
    /// <param name="seed">The seed.</param>
    /// <param name="version">Version of the software.</param>
    /// <param name="files">The user's own data; null for none.</param>
    /// <exception cref="DataFileException">Their file cannot be read or written.</exception>
    public FigureParts Parts(FigureRequest request, FigureScale scale, ulong seed, string version, FigureFiles? files = null)
    {
        ArgumentNullException.ThrowIfNull(request);
        string inputs = string.Concat(request.Figure.Inputs(files ?? FigureFiles.None).Select(p => $", {p.Name}: {p.Value}"));
        return FigureParts.Open(Path.Combine(folder, request.Id + ".unfinished"), $"{request.Id}, scale {scale}, seed {seed}, version {version}{inputs}", force);
    }

    /// <summary>Writes index.html, which shows every finished figure of the folder.</summary>
    /// <exception cref="DataFileException">It cannot be written.</exception>
    public void WriteGallery()
    {
        byte[] page = Encoding.UTF8.GetBytes(Gallery());
        AtomicFile.Write(Path.Combine(folder, GalleryFile), stream => stream.Write(page));
    }

    // An hour of computing must not end at a folder that cannot be written.
    private static void TryToWrite(string folder)
    {
        try
        {
            using AtomicDirectory trial = AtomicDirectory.Create(Path.Combine(folder, ".trial"), force: true);
        }
        catch (DataFileException problem) when (problem.InnerException is { } reason)
        {
            throw new DataFileException($"{folder} cannot be written to: {reason.Message}", reason);
        }
    }

    private string Gallery() => InferenceReport.Render<GalleryPage>(new() { [nameof(GalleryPage.Records)] = Records() });

    // In the catalogue's order, panels after their figure.
    private List<FigureRecord> Records() =>
    [
        .. Directory.GetDirectories(folder).Select(d => Path.Combine(d, RecordFile)).Where(File.Exists).Select(FigureRecord.Read)
            .OrderBy(r => FigureCatalog.PlaceOf(r.Id)).ThenBy(r => r.Id, StringComparer.Ordinal),
    ];
}
