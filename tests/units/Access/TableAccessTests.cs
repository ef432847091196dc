using LeoPS.Access;

namespace LeoPS.Units.Access;

public sealed class TableAccessTests
{
    private static readonly TableCommand[] All = Enum.GetValues<TableCommand>();
    private static readonly RowPolicy Read = new("read_own", TableCommand.Select, true, "(auth.uid() = executed_by)", null);
    private static readonly RowPolicy Make = new("make_own", TableCommand.Insert, true, null, "(auth.uid() = executed_by)");
    private static readonly RowPolicy Everything = new("everything", null, true, "(n > 0)", null);

    [Fact]
    public void A_row_that_no_policy_lets_be_changed_names_role_table_and_command_and_what_helps()
        => Says(With(Read).OfRow(TableCommand.Update, refused: false), "public.t has no policy for UPDATE that applies to role ann.", "service_role (-Role)", "have a policy made");

    [Fact]
    public void A_row_that_a_policy_kept_names_the_policies_with_their_conditions()
    {
        string message = With(Read, new RowPolicy("some", TableCommand.Update, true, "(id < 4)", "(id < 3)"), new RowPolicy("never_at_night", null, false, "(day())", null))
            .OfRow(TableCommand.Update, refused: false);
        Says(message, "for role ann by its policies for UPDATE: some (id < 4), restrictive never_at_night (day())", "service_role (-Role)");
        Assert.DoesNotContain("read_own", message, StringComparison.Ordinal);
        Assert.DoesNotContain("auth.uid()", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_new_row_that_was_refused_is_told_by_the_checks_and_by_what_must_be_readable()
    {
        string message = With(Read, Make).OfRow(TableCommand.Insert, refused: true);
        Says(message, "policies for INSERT: make_own (auth.uid() = executed_by)", "readable afterwards by its policies for SELECT: read_own", "auth.uid() is the user", "-UserId");
        Assert.DoesNotContain("service_role", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_policy_without_a_check_takes_what_it_shows_and_one_without_any_takes_all()
    {
        Says(With(Everything).OfRow(TableCommand.Insert, refused: true), "INSERT: everything (n > 0)");
        Says(With(new RowPolicy("open", null, true, null, null)).OfRow(TableCommand.Insert, refused: true), "INSERT: open (true)");
    }

    [Fact]
    public void A_new_row_that_nobody_could_read_back_says_so()
        => Says(With(Make).OfRow(TableCommand.Insert, refused: true), "no policy for SELECT that applies to role ann", "read back");

    [Fact]
    public void A_role_that_is_not_bound_met_a_trigger()
        => Says((With() with { IsBound = false }).OfRow(TableCommand.Update, refused: false), "does not bind this role", "trigger");

    [Fact]
    public void A_long_condition_is_cut()
        => Assert.InRange(With(Everything with { Using = new string('x', 5000) }).OfRow(TableCommand.Update, refused: false).Length, 160, 600);

    [Fact]
    public void A_missing_right_is_named_with_what_is_there_and_the_statement_that_grants_it()
    {
        TableAccess access = With() with { Granted = [TableCommand.Select], QuotedRole = "\"an'n\"" };
        string[] parts = ["ann has SELECT on public.t, and lacks INSERT, UPDATE, DELETE", "grant insert on public.t to \"an'n\"."];
        Says(access.OfCall(), parts);
        Says(access.OfRow(TableCommand.Update, refused: false), parts);
        Says((access with { Granted = [] }).OfCall(), "ann has no right to public.t, and lacks SELECT, INSERT, UPDATE, DELETE", "grant select on public.t to");
        Says(With().OfCall(), "every right to the rows of public.t", "policy or a trigger");
    }

    [Fact]
    public void Every_new_row_is_refused_where_no_policy_takes_or_shows_it()
    {
        Assert.True(With(Read).RefusesAllNew);
        Assert.True(With(Make).RefusesAllNew);
        Assert.True(With(Read, Make with { Permissive = false }).RefusesAllNew);
        Assert.False(With(Read, Make).RefusesAllNew);
        Assert.False(With(Everything).RefusesAllNew);
        Assert.False((With() with { IsBound = false }).RefusesAllNew);
    }

    private static TableAccess With(params RowPolicy[] policies) => new("public.t", "ann", "ann", All, IsBound: true, policies);

    private static void Says(string message, params string[] parts)
    {
        AssertEach.Of(parts, part => Assert.Contains(part, message, StringComparison.Ordinal));
        Assert.EndsWith(".", message, StringComparison.Ordinal);
    }
}
