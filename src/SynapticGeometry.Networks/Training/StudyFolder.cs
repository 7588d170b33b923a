using System.Text;
using System.Text.RegularExpressions;
using SynapticGeometry.Data;

namespace SynapticGeometry.Networks;

/// <summary>The folder that keeps a study: whose it is, and what interrupted runs have left in it.</summary>
internal static partial class StudyFolder
{
    private const string PlanFile = "plan.txt";

    /// <summary>Makes a folder that of a plan.</summary>
    /// <param name="folder">The folder, made where it is not there.</param>
    /// <param name="plan">What the study is, a line for each part.</param>
    /// <returns>True where it was that plan's already.</returns>
    /// <exception cref="DataFileException">It holds another study, or other files.</exception>
    public static bool Claim(string folder, string plan)
    {
        Directory.CreateDirectory(folder);
        string file = Path.Combine(folder, PlanFile);
        if (File.Exists(file))
        {
            string[] there = File.ReadAllText(file).TrimEnd().Split('\n'), here = plan.TrimEnd().Split('\n');
            if (!there.SequenceEqual(here))
            {
                string[] lines = [.. there.Where(l => !here.Contains(l))], others = [.. here.Where(l => !there.Contains(l))];
                throw new DataFileException($"{folder} holds another study; name another folder, or remove it to begin anew. There: {string.Join("; ", lines)}. Here: {string.Join("; ", others)}.");
            }

            RemovePartial(folder);
            return true;
        }

        // A run that was ended before its plan had its name has left no more than that.
        if (Directory.EnumerateFileSystemEntries(folder).Any(e => !Partial.IsMatch(Path.GetFileName(e))))
        {
            throw new DataFileException($"{folder} holds other files; a study needs a folder of its own.");
        }

        RemovePartial(folder);
        AtomicFile.Write(file, stream => stream.Write(Encoding.UTF8.GetBytes(plan)));
        return false;
    }

    private static void RemovePartial(string folder)
    {
        foreach (string entry in Directory.GetFileSystemEntries(folder))
        {
            if (Directory.Exists(entry))
            {
                if (Partial.IsMatch(Path.GetFileName(entry)))
                {
                    Directory.Delete(entry, recursive: true);
                }
                else
                {
                    RemovePartial(entry);
                }
            }
            else if (Partial.IsMatch(Path.GetFileName(entry)))
            {
                File.Delete(entry);
            }
        }
    }

    // As AtomicFile and AtomicDirectory name what is not yet whole.
    [GeneratedRegex(@"^\..+\.\d+\.partial$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Partial { get; }
}
