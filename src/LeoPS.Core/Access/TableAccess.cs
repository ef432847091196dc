namespace LeoPS.Access;

/// <summary>What a role may do with a table, as the catalog tells it: its rights, and the policies that apply to it.</summary>
/// <param name="Table">The table with its schema, such as "public.crewai_flows".</param>
/// <param name="Role">The role.</param>
/// <param name="QuotedRole">The role as SQL writes it.</param>
/// <param name="Granted">Its rights to the whole table.</param>
/// <param name="IsBound">True where row level security binds the role on this table.</param>
/// <param name="Policies">The policies that apply to it.</param>
public sealed record TableAccess(
    string Table, string Role, string QuotedRole, IReadOnlyList<TableCommand> Granted, bool IsBound, IReadOnlyList<RowPolicy> Policies)
{
    private const int Shown = 160;
    private const string Help = " Connect as a role that may, such as service_role (-Role), or have a policy made that lets this one.";
    private const string UserFunction = "auth.uid()";

    /// <summary>True where row level security refuses every row that is made, whatever is in it: it is taken by no policy, or could not be read back.</summary>
    public bool RefusesAllNew => IsBound && (!HasPolicy(TableCommand.Insert) || !HasPolicy(TableCommand.Select));

    /// <summary>The refusal of a write that no policy lets through, whatever the row is; null where a policy decides, or none binds the role.</summary>
    /// <param name="noun">What a row is called in messages.</param>
    /// <param name="command">What is to be done to the rows.</param>
    public LeoException? Obstacle(string noun, TableCommand command)
    {
        bool refuses = command == TableCommand.Insert ? RefusesAllNew : IsBound && !HasPolicy(command);
        return !refuses ? null : new LeoException(
            LeoErrorId.Forbidden,
            $"Role {Role} may not {(command == TableCommand.Insert ? "make" : command == TableCommand.Delete ? "delete" : "change")} any {noun}. {OfRow(command, refused: true)}{Help}",
            "42501");
    }

    /// <summary>Why a row could not be written; and where nobody said it yet, what would help.</summary>
    /// <param name="command">What was to be done to it.</param>
    /// <param name="refused">True where the server refused the new row; false where it silently left the old one as it was.</param>
    public string OfRow(TableCommand command, bool refused)
    {
        if (!Granted.Contains(command))
        {
            return OfCall();
        }

        if (!IsBound)
        {
            return $"Row level security does not bind this role on {Table}, so a trigger or a rule of the table kept it from being written: ask its owner.";
        }

        if (!HasPolicy(command))
        {
            return $"Row level security of {Table} has no policy for {Word(command)} that applies to role {Role}.{(refused ? "" : Help)}";
        }

        // What is returned is read, and must be visible.
        if (refused && !HasPolicy(TableCommand.Select))
        {
            return $"Row level security of {Table} has no policy for SELECT that applies to role {Role}, so that a new row cannot be read back.";
        }

        string policies = refused
            ? $"{List(command, isNew: true)}; and the row must be readable afterwards by {List(TableCommand.Select, isNew: false)}"
            : List(command, isNew: false);
        string user = policies.Contains(UserFunction, StringComparison.Ordinal) ? $" {UserFunction} is the user that Connect-LeoDatabase was given with -UserId." : "";
        return $"Row level security of {Table} decides for role {Role} by {policies}.{user}{(refused ? "" : Help)}";
    }

    /// <summary>Which rights are there and which are not, and how to get one.</summary>
    public string OfCall()
    {
        TableCommand[] missing = [.. Enum.GetValues<TableCommand>().Where(c => !Granted.Contains(c))];
        if (missing.Length == 0)
        {
            return $"Role {Role} has every right to the rows of {Table}: what is missing is the right to something that a policy or a trigger of it uses.";
        }

        string has = Granted.Count == 0 ? "no right to" : $"{string.Join(", ", Granted.Select(Word))} on";
        return $"Role {Role} has {has} {Table}, and lacks {string.Join(", ", missing.Select(Word))}; its owner can grant what is needed, as with: grant {Word(missing[0]).ToLowerInvariant()} on {Table} to {QuotedRole}.";
    }

    private static string Word(TableCommand command) => command.ToString().ToUpperInvariant();

    private static string Condition(RowPolicy policy, bool isNew)
    {
        string text = (isNew ? policy.Check ?? policy.Using : policy.Using) ?? "true";
        text = text.Length <= Shown ? text : $"{text[..(Shown - 1)]}…)";
        return text.StartsWith('(') ? text : $"({text})";
    }

    private bool HasPolicy(TableCommand command) => Policies.Any(p => p.Permissive && p.IsFor(command));

    private string List(TableCommand command, bool isNew)
    {
        IEnumerable<string> named = Policies.Where(p => p.IsFor(command)).Select(p => $"{(p.Permissive ? "" : "restrictive ")}{p.Name} {Condition(p, isNew)}");
        return $"its policies for {Word(command)}: {string.Join(", ", named)}";
    }
}
