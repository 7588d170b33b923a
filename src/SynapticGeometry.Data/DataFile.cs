namespace SynapticGeometry.Data;

/// <summary>
/// A file that holds named arrays: the columns of a table (CSV, TSV, Parquet), the members of an .npz, the datasets of an HDF5
/// file, the tensors of a .safetensors file or a PyTorch checkpoint, or the one array of an .npy.
/// </summary>
public abstract class DataFile : IDisposable
{
    /// <summary>The path as given.</summary>
    public abstract string Path { get; }

    /// <summary>What the file calls its arrays: "column", "member", "dataset", "tensor", "array".</summary>
    public abstract string Noun { get; }

    /// <summary>True for tables, whose columns have one value a row and can select and group rows.</summary>
    public abstract bool IsTable { get; }

    /// <summary>The names of the arrays, in the file's order. An .npy has one, named "".</summary>
    public abstract IReadOnlyList<string> Names { get; }

    /// <summary>
    /// The lengths of an array's dimensions as the file declares them; empty for a single value. No value is read for it, so that a file
    /// can be refused for what it declares; only the rows of a text table have to be read to be counted.
    /// </summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <exception cref="DataFileException">No such name, an array of a kind that is not read, or a damaged file.</exception>
    public abstract IReadOnlyList<long> ShapeOf(string name);

    /// <summary>Reads an array of numbers. Empty cells of a table become NaN (they are counted as missing, not as an error).</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <exception cref="DataFileException">No such name, not numbers (row and column named), or a damaged file.</exception>
    public abstract NumericArray ReadNumbers(string name);

    /// <summary>Reads an array as text, for grouping and selecting rows. Numbers are written shortest round-trip.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <exception cref="DataFileException">No such name, or a damaged file.</exception>
    public abstract string[] ReadText(string name);

    /// <inheritdoc/>
    public abstract void Dispose();
}
