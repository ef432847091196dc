using FsCheck;

namespace LeoPS.Tests;

/// <summary>
/// The seed of random cases. An ordinary run always checks the same cases, so that one commit always has one result. A slow run
/// (LEOPS_SLOW_TESTS=1) checks new cases, and prints the seed of one that fails.
/// </summary>
internal static class RandomCases
{
    private const ulong Seed = 20261201;
    private const ulong Gamma = 7;

    private static readonly bool _isSlowRun = Environment.GetEnvironmentVariable("LEOPS_SLOW_TESTS") == "1";

    /// <summary>The seed as FsCheck's attribute takes it; null for a new one.</summary>
    public static string? Replay => _isSlowRun ? null : $"({Seed},{Gamma})";

    /// <summary>Checks this many cases, and throws where one fails.</summary>
    public static Config Check(int cases, int endSize = 100)
    {
        Config config = Config.QuickThrowOnFailure.WithMaxTest(cases).WithEndSize(endSize);
        return _isSlowRun ? config : config.WithReplay(Seed, Gamma);
    }
}
