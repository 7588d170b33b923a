using System.Runtime.InteropServices;
using SynapticGeometry.Cli;

// The first Ctrl-C or SIGTERM asks the command to stop, which keeps what is finished; the second ends it at once.
using CancellationTokenSource stop = new();
using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop), terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
return await CommandLineApplication.RunAsync(args, Console.Out, Console.Error, stop.Token);

void Stop(PosixSignalContext signal)
{
    signal.Cancel = !stop.IsCancellationRequested;
    stop.Cancel();
}
