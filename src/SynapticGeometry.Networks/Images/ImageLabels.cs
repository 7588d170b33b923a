using SynapticGeometry.Data;

namespace SynapticGeometry.Networks;

/// <summary>Checks of labels, before anything is trained on them: one damaged byte would else make a network of 200 classes.</summary>
internal static class ImageLabels
{
    /// <summary>The number of classes of images whose labels count them from 0.</summary>
    /// <param name="source">Where the labels stand, for messages.</param>
    /// <param name="count">Number of images.</param>
    /// <param name="label">The label of an image.</param>
    /// <exception cref="DataFileException">A class below the highest has no image.</exception>
    public static int Classes(string source, int count, Func<int, int> label)
    {
        var first = new SortedDictionary<int, int>();
        for (int i = 0; i < count; i++)
        {
            first.TryAdd(label(i), i);
        }

        int classes = Enumerable.Range(0, first.Count + 1).First(c => !first.ContainsKey(c));
        if (classes < first.Count)
        {
            (int stray, int image) = first.First(l => l.Key > classes);
            string allowed = classes == 0 ? "labels must count the classes from 0" : $"labels must count the classes from 0 without a gap, which those from 0 to {classes - 1} do";
            throw new DataFileException($"{source}: image {image} has label {stray}, but no image has label {classes}; {allowed}.");
        }

        return classes;
    }

    /// <summary>Refuses images of a class that the network does not have.</summary>
    /// <param name="images">The images.</param>
    /// <param name="classes">Number of classes.</param>
    /// <param name="whose">Whose classes they are, for messages.</param>
    /// <exception cref="DataFileException">A label is beyond them.</exception>
    public static void MustBeBelow(ImageSet images, int classes, string whose)
    {
        for (int i = 0; i < images.Count; i++)
        {
            if (images.Label(i) is var label && (label < 0 || label >= classes))
            {
                throw new DataFileException($"{images.LabelSource}: image {i} has label {label}; labels from 0 to {classes - 1} are allowed, {whose}.");
            }
        }
    }
}
