namespace SynapticGeometry.Reporting;

internal static class AssemblyPlaceholder;
