using System.Reflection;
using LeoPS.HelpGenerator;
using LeoPS.HelpGenerator.Metadata;

const string Usage = """
    Usage: LeoPS.HelpGenerator --root <folder> [--update-docs | --check]
      (nothing)      writes module/en-US/LeoPS.dll-Help.xml from docs/en-US
      --update-docs  renews SYNTAX and the yaml blocks in docs/en-US first, and adds what is missing
      --check        changes nothing; tells what is missing or out of date
    Exit code: 0 in order, 1 something is missing or out of date, 2 wrong use.
    """;

string? root = null;
bool check = false;
bool update = false;
for (int index = 0; index < args.Length; index++)
{
    switch (args[index])
    {
        case "--root" when index + 1 < args.Length:
            root = Path.GetFullPath(args[++index]);
            break;
        case "--check":
            check = true;
            break;
        case "--update-docs":
            update = true;
            break;
        default:
            return await WrongUseAsync($"Not understood: {args[index]}").ConfigureAwait(false);
    }
}

if (root is null || !Directory.Exists(root) || (check && update))
{
    return await WrongUseAsync("--root must name the repository's folder, and --check and --update-docs exclude each other.").ConfigureAwait(false);
}

var workshop = new HelpWorkshop(root, "LeoPS", CmdletReader.ReadAll(Assembly.Load("LeoPS")));
if (update)
{
    foreach (string file in workshop.UpdatePages())
    {
        Console.WriteLine($"Updated {Path.GetRelativePath(root, file)}");
    }
}

IReadOnlyList<string> complaints = check ? workshop.Check() : workshop.WriteHelp();
foreach (string complaint in complaints)
{
    await Console.Error.WriteLineAsync(complaint).ConfigureAwait(false);
}

return complaints.Count == 0 ? 0 : 1;

static async Task<int> WrongUseAsync(string message)
{
    await Console.Error.WriteLineAsync(message).ConfigureAwait(false);
    await Console.Error.WriteLineAsync(Usage).ConfigureAwait(false);
    return 2;
}
