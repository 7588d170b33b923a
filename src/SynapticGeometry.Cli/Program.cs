using SynapticGeometry.Cli;

return await CommandLineApplication.RunAsync(args, Console.Out, Console.Error);
