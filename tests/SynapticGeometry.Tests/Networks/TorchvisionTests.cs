using System.ComponentModel;
using System.Diagnostics;
using SynapticGeometry.Data;
using SynapticGeometry.Networks;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace SynapticGeometry.Tests.Networks;

/// <summary>
/// State dictionaries that torchvision writes while the test runs, whose names and shapes are therefore its own: loaded here, they give its outputs.
/// </summary>
public sealed class TorchvisionTests(TorchvisionTests.Reference torchvision) : IClassFixture<TorchvisionTests.Reference>
{
    [Theory]
    [InlineData("resnet-18", "resnet18"), InlineData("resnet-34", "resnet34"), InlineData("resnet-50", "resnet50")]
    [InlineData("shufflenet-v2-x0.5", "shufflenet_v2_x0_5"), InlineData("shufflenet-v2-x1.0", "shufflenet_v2_x1_0")]
    [InlineData("efficientnet-b0", "efficientnet_b0"), InlineData("efficientnet-b1", "efficientnet_b1")]
    [InlineData("efficientnet-b2", "efficientnet_b2"), InlineData("efficientnet-b3", "efficientnet_b3")]
    public void A_state_dictionary_of_torchvision_gives_torchvision_s_outputs_from_either_format(string name, string theirs)
    {
        NetworksHere.Require();
        using TemporaryFolder folder = torchvision.Write(theirs);
        using DataFile run = DataFiles.Open(folder["run.safetensors"]);
        NumericArray images = run.ReadNumbers("images"), outputs = run.ReadNumbers("outputs");
        double largest = outputs.ToDouble().Max(Math.Abs);
        Assert.True(largest > 0.01);
        using Network network = NetworkArchitecture.Find(name).Create(new NetworkOptions { Classes = 10 }, new RandomSource(9));
        network.eval();
        using IDisposable still = no_grad();
        foreach (string file in new[] { "state.pt", "state.safetensors" })
        {
            // Nothing is left of what the file before it set; and every name is the network's, the counters' too, which may be missing elsewhere.
            foreach (Tensor each in network.state_dict().Values)
            {
                each.zero_();
            }

            using (DataFile state = DataFiles.Open(folder[file]))
            {
                Assert.Equal(network.state_dict().Keys.Order(StringComparer.Ordinal), state.Names.Order(StringComparer.Ordinal));
            }

            Checkpoint.Load(network, folder[file]);
            using DisposeScope scope = NewDisposeScope();
            double[] here = Array.ConvertAll(network.forward(tensor(images.SingleValues!, [.. images.Shape])).data<float>().ToArray(), v => (double)v);
            Assert.Equal(outputs.ToDouble(), here, (a, b) => Math.Abs(a - b) <= 1e-4 * largest);
        }
    }

    /// <summary>One Python process with torchvision, which writes a network's state each time it is asked.</summary>
    public sealed class Reference : IDisposable
    {
        // The running statistics, scales and shifts are other than those of a new network, so that none of them is passed over unseen.
        private const string Code = """
            import json, os, struct, sys
            import torch, torchvision

            def save(path, tensors):
                header, place = {}, 0
                for name, t in tensors.items():
                    size = t.numel() * t.element_size()
                    header[name] = {"dtype": {torch.float32: "F32", torch.int64: "I64"}[t.dtype], "shape": list(t.shape), "data_offsets": [place, place + size]}
                    place += size
                text = json.dumps(header).encode()
                with open(path, "wb") as file:
                    file.write(struct.pack("<Q", len(text)) + text)
                    for t in tensors.values():
                        file.write(t.contiguous().numpy().tobytes())

            torch.set_num_threads(1)
            torch.manual_seed(1)
            print("ready", flush=True)
            for line in sys.stdin:
                name, folder = line.rstrip("\n").split("\t")
                if not hasattr(torchvision.models, name):
                    print("torchvision " + torchvision.__version__ + " has no " + name, flush=True)
                    continue
                network = getattr(torchvision.models, name)(num_classes=10).eval()
                state = network.state_dict()
                for key, t in state.items():
                    if key.endswith("running_mean"):
                        t.normal_(0, 0.1)
                    elif key.endswith("running_var"):
                        t.uniform_(0.7, 1.3)
                    elif t.dtype == torch.float32 and t.dim() == 1:
                        t.add_(torch.empty_like(t).uniform_(-0.2, 0.2))
                images = torch.randn(2, 3, 64, 64)
                with torch.no_grad():
                    save(os.path.join(folder, "run.safetensors"), {"images": images, "outputs": network(images)})
                torch.save(state, os.path.join(folder, "state.pt"))
                save(os.path.join(folder, "state.safetensors"), state)
                print("done", flush=True)
            """;

        private readonly string problem = "there is no python3";
        private readonly Process? process;

        public Reference()
        {
            foreach (string python in new[] { "python3", "/usr/bin/python3" })
            {
                try
                {
                    process = Process.Start(new ProcessStartInfo(python, ["-c", Code]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false })!;
                }
                catch (Win32Exception e)
                {
                    problem = e.Message;
                    continue;
                }

                if (process.StandardOutput.ReadLine() == "ready")
                {
                    return;
                }

                problem = process.StandardError.ReadToEnd().Trim().Split('\n')[^1];
                process.Dispose();
                process = null;
            }
        }

        /// <summary>A folder with state.pt, state.safetensors, and images and outputs in run.safetensors.</summary>
        internal TemporaryFolder Write(string name)
        {
            Assert.SkipWhen(process is null, $"needs python3 with torchvision: {problem}");
            TemporaryFolder folder = new();
            process!.StandardInput.WriteLine($"{name}\t{folder.Path}");
            process.StandardInput.Flush();
            string? answer = process.StandardOutput.ReadLine();
            Assert.SkipWhen(answer?.EndsWith($"has no {name}", StringComparison.Ordinal) == true, answer ?? string.Empty);
            Assert.True(answer == "done", answer ?? process.StandardError.ReadToEnd());
            return folder;
        }

        public void Dispose()
        {
            if (process is null)
            {
                return;
            }

            process.StandardInput.Close();
            process.WaitForExit();
            process.Dispose();
        }
    }
}
