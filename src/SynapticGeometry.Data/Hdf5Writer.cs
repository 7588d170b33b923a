using PureHDF;

namespace SynapticGeometry.Data;

/// <summary>Writes several named arrays as one HDF5 file, which h5py, MATLAB and Julia read.</summary>
public static class Hdf5Writer
{
    /// <summary>Writes a file whole or not at all.</summary>
    /// <param name="path">The file; one of that name is replaced.</param>
    /// <param name="arrays">Name, shape and values of each array; names differ.</param>
    /// <param name="attributes">Texts that describe the file, as attributes of its root.</param>
    /// <exception cref="ArgumentException">Two arrays have one name.</exception>
    /// <exception cref="DataFileException">The file cannot be written.</exception>
    public static void Write(string path, IReadOnlyList<(string Name, NumericArray Array)> arrays, IReadOnlyDictionary<string, string>? attributes = null)
    {
        ArgumentNullException.ThrowIfNull(arrays);
        H5File file = [];
        foreach ((string name, NumericArray array) in arrays)
        {
            ulong[] shape = [.. array.Shape.Select(d => (ulong)d)];
            file.Add(name, array.SingleValues is { } single ? new H5Dataset(single, fileDims: shape) : new H5Dataset(array.ToDouble(), fileDims: shape));
        }

        foreach ((string name, string text) in attributes ?? new Dictionary<string, string>())
        {
            file.Attributes[name] = text;
        }

        AtomicFile.Write(path, stream =>
        {
            using KeptOpen open = new(stream);
            file.Write(open);
        });
    }

    // PureHDF closes its stream, which is still to be renamed.
    private sealed class KeptOpen(Stream inner) : Stream
    {
        public override bool CanRead => inner.CanRead;

        public override bool CanSeek => inner.CanSeek;

        public override bool CanWrite => inner.CanWrite;

        public override long Length => inner.Length;

        public override long Position { get => inner.Position; set => inner.Position = value; }

        public override void Flush() => inner.Flush();

        public override int Read(byte[] buffer, int offset, int count) => inner.Read(buffer, offset, count);

        public override int Read(Span<byte> buffer) => inner.Read(buffer);

        public override long Seek(long offset, SeekOrigin origin) => inner.Seek(offset, origin);

        public override void SetLength(long value) => inner.SetLength(value);

        public override void Write(byte[] buffer, int offset, int count) => inner.Write(buffer, offset, count);

        public override void Write(ReadOnlySpan<byte> buffer) => inner.Write(buffer);
    }
}
