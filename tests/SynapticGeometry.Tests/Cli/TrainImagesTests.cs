using SynapticGeometry.Data;
using SynapticGeometry.Tests.Networks;
using Xunit;

namespace SynapticGeometry.Tests.Cli;

public sealed class TrainImagesTests : IDisposable
{
    private readonly CommandLine line = new();

    public void Dispose() => line.Dispose();

    [Theory]
    [InlineData(77, "1"), InlineData(10, "0")]
    public async Task A_label_that_no_training_image_has_is_refused_with_its_file_and_image(byte label, string pretraining)
    {
        NetworksHere.Require();
        RowImages.Write(line.PathOf("images"), change: Labels("t10k", 7, label));
        await Refused([$"t10k-labels-idx1-ubyte: image 7 has label {label}", "labels from 0 to 9 are allowed"], pretraining);
    }

    [Fact]
    public async Task A_stray_label_of_a_training_image_is_refused_with_its_file_and_image()
    {
        NetworksHere.Require();
        RowImages.Write(line.PathOf("images"), change: Labels("train", 5, 77));
        await Refused(["train-labels-idx1-ubyte: image 5 has label 77", "no image has label 10", "from 0 to 9"]);
    }

    [Fact]
    public async Task A_class_without_training_images_is_refused()
    {
        NetworksHere.Require();
        RowImages.Write(line.PathOf("images"), change: (_, labels) => labels.AsSpan().Replace((byte)4, (byte)3));
        await Refused(["train-labels-idx1-ubyte: image 5 has label 5, but no image has label 4", "from 0 to 3"]);
    }

    [Fact]
    public async Task Fewer_classes_make_a_network_of_fewer_classes()
    {
        NetworksHere.Require();
        RowImages.Write(line.PathOf("images"), change: (_, labels) => Array.ForEach([.. Enumerable.Range(0, labels.Length)], i => labels[i] %= 3));
        Assert.Equal(0, await Run("1", "--out", line.PathOf("out"), "--keep-networks"));
        using DataFile network = DataFiles.Open(Path.Combine(line.PathOf("out"), "2-norm-seed1", "network.safetensors"));
        Assert.Equal([3, 12], network.ReadNumbers("fc.weight").Shape);
    }

    [Fact]
    public async Task Images_of_another_shape_are_refused_before_anything_is_trained()
    {
        NetworksHere.Require();
        RowImages.Write(line.PathOf("images"), side: 24);
        await Refused(["train-images-idx3-ubyte has images of 1 x 24 x 24", "takes images of shape [batch, 1, 28, 28]"]);
    }

    [Fact]
    public async Task Too_few_images_are_told_before_anything_is_trained()
    {
        NetworksHere.Require();
        RowImages.Write(line.PathOf("images"));
        await Refused(["t10k-images-idx3-ubyte has 60 images; fine-tuning and the search for its rate need 31 each"], "1", "--images", "31", "--learning-rate", "1e-2,1e-1");
        Assert.Equal(0, await Run("1", "--images", "31"));
    }

    [Fact]
    public async Task A_folder_without_images_is_told_so()
    {
        NetworksHere.Require();
        Directory.CreateDirectory(line.PathOf("images"));
        await Refused(["there are no images there"]);
    }

    private async Task Refused(string[] said, string pretraining = "1", params string[] options)
    {
        string work = line.PathOf("work");
        Assert.Equal(2, await Run(pretraining, [.. options, "--checkpoint", work]));
        Assert.All(said, s => Assert.Contains(s, line.Error, StringComparison.Ordinal));
        Assert.False(Directory.Exists(work) && Directory.EnumerateFileSystemEntries(work).Any());
    }

    private Task<int> Run(string pretraining, params string[] options) => line.Run(
        ["train", "--model", "rnn", "--data", line.PathOf("images"), "--hidden", "12", "--seeds", "1", "--potential", "2-norm", "--pretraining", pretraining, "--epochs", "1", "--longest", "1", .. options.Contains("--learning-rate") ? [] : new[] { "--learning-rate", "1e-2" }, .. options]);

    private static Action<string, byte[]> Labels(string part, int image, byte label) => (prefix, labels) => labels[image] = prefix == part ? label : labels[image];
}
