using LeoPS.Readiness;
using static LeoPS.FindingSeverity;
using static LeoPS.ReadinessElement;

namespace LeoPS.Units.Readiness;

public sealed class DeliverablesTests
{
    [Theory]
    [InlineData("src/api/search.ts")]
    [InlineData("[x] src/api/search.ts")]
    [InlineData("- [X] src/api/search.ts")]
    [InlineData("✅ src/api/search.ts (done)")]
    [InlineData("src/pages/Pending.tsx")]
    [InlineData("docs/TODO.md")]
    [InlineData("src/todo/list.ts")]
    [InlineData("Open API description")]
    [InlineData("Missing value report")]
    [InlineData("Planned work view")]
    [InlineData("docs [1]")]
    [InlineData("TODO comment added to src/api/search.ts")]
    [InlineData("TODO list page")]
    [InlineData("No pending items")]
    [InlineData("Migrations applied, no tests pending")]
    [InlineData("Blocked: none")]
    [InlineData("Pending work: none")]
    [InlineData("Deferred items: 0")]
    [InlineData("Unblocked: src/api/search.ts")]
    [InlineData("No longer blocked by the key service")]
    [InlineData("src/api/search.ts: pending → done")]
    [InlineData("Search index ❌ → ✅")]
    [InlineData("State machine (pending → accepted → rejected)")]
    [InlineData("Badges for draft, pending, published")]
    [InlineData("Filter of pending items in the queue view")]
    [InlineData("Queue shows rows whose review_status = \"pending\"")]
    [InlineData("✅ Deferred SDs created")]
    [InlineData("Deferred constraint on (sd_id, status)")]
    [InlineData("pending_review column")]
    [InlineData("0 failed, 0 blocked")]
    [InlineData("Duplicates are not created")]
    [InlineData("List of blocked users")]
    public void An_entry_is_finished(string entry) => Assert.False(Deliverable.IsOpen(entry));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("  ")]
    [InlineData("n/a")]
    [InlineData("TBD")]
    [InlineData("[ ] src/api/search.ts")]
    [InlineData("[] src/api/search.ts")]
    [InlineData("- [ ] src/api/search.ts")]
    [InlineData("2. [ ] src/api/search.ts")]
    [InlineData("☐ src/api/search.ts")]
    [InlineData("❌ src/api/search.ts")]
    [InlineData("src/api/search.ts ❌")]
    [InlineData("TODO: src/api/search.ts")]
    [InlineData("TODO src/api/search.ts")]
    [InlineData("todo - src/api/search.ts")]
    [InlineData("[todo] src/api/search.ts")]
    [InlineData("(pending) src/api/search.ts")]
    [InlineData("Pending: src/api/search.ts")]
    [InlineData("src/api/search.ts (missing)")]
    [InlineData("src/api/search.ts (Not yet done)")]
    [InlineData("src/api/search.ts [WIP]")]
    [InlineData("src/api/search.ts - in progress")]
    [InlineData("src/api/search.ts – open.")]
    [InlineData("src/api/search.ts: missing")]
    [InlineData("[describe the file]")]
    [InlineData("src/<file_name>.ts")]
    [InlineData("Index migration created but not applied")]
    [InlineData("migrations/20260110_index.sql (pending manual application)")]
    [InlineData("E2E suite: Deferred to PLAN phase")]
    [InlineData("Integration with the knowledge base pending (exports are ready)")]
    [InlineData("US-4: presentation view (deferred to SD-VIEW-002)")]
    [InlineData("⏳ Workflows tried (PENDING - needs a person)")]
    [InlineData("✅ Workflows tried (PENDING - needs a person)")]
    [InlineData("Menu entry BLOCKED by a policy (cannot be inserted)")]
    [InlineData("E2E tests were blocked by an import error")]
    [InlineData("Migration: ❌ rolled back")]
    [InlineData("⚠️ Schema migration NOT applied")]
    [InlineData("Tracking built, enforcement deferred")]
    [InlineData("Unit tests pending review of QA")]
    [InlineData("3 pending items")]
    [InlineData("Pending items: docs, tests")]
    [InlineData("Not applied pending a window")]
    [InlineData("Pending until the migrations are applied")]
    [InlineData("E2E tests not yet run")]
    [InlineData("src/api/search.ts: done → blocked")]
    [InlineData("🔲 Load test")]
    public void An_entry_is_open(string? entry) => Assert.True(Deliverable.IsOpen(entry));

    [Theory]
    [InlineData(10, 10, null)]
    [InlineData(9, 10, Warning)]
    [InlineData(8, 10, Warning)]
    [InlineData(199, 200, Warning)]
    [InlineData(159, 200, Blocking)]
    [InlineData(7, 10, Blocking)]
    [InlineData(0, 1, Blocking)]
    public void All_pass_four_fifths_warn_and_fewer_block(int done, int count, FindingSeverity? severity) =>
        Assert.Equal(severity, Of(done, count, new ReadinessRules())?.Severity);

    [Theory]
    [InlineData(5, 10, 50, 100, Warning)]
    [InlineData(4, 10, 50, 100, Blocking)]
    [InlineData(9, 10, 80, 90, null)]
    [InlineData(0, 10, 0, 0, null)]
    [InlineData(2, 3, 66.6, 100, Warning)]
    [InlineData(2, 3, 66.7, 100, Blocking)]
    public void The_thresholds_are_parameters(int done, int count, double minimum, double warning, FindingSeverity? severity) => Assert.Equal(
        severity,
        Of(done, count, new ReadinessRules { MinimumDeliverables = (decimal)minimum, WarningDeliverables = (decimal)warning })?.Severity);

    [Fact]
    public void The_message_has_the_figures_and_names_three_of_the_open_ones()
    {
        string message = Judged.WithManifest("a.ts", "[ ] b.ts", null, "c.ts (missing)\nsee board", "TODO: " + new string('x', 80), "d.ts").Only(DeliverablesManifest, Blocking).Message;

        Assert.Equal("3 of 6 deliverables are finished (50 %); open: '[ ] b.ts', an empty entry, 'TODO: " + new string('x', 53) + "…'.", message);
    }

    [Fact]
    public void A_percentage_under_a_hundred_never_reads_as_a_hundred() =>
        Assert.Contains("(99.99 %)", Of(29_999, 30_000, new ReadinessRules())!.Message, StringComparison.Ordinal);

    [Fact]
    public void A_manifest_that_is_not_there_or_empty_blocks_whatever_the_thresholds_are()
    {
        var lax = new ReadinessRules { MinimumDeliverables = 0, WarningDeliverables = 0 };

        Assert.Equal("deliverables_manifest is not filled in.", Judged.With(handoff => handoff.DeliverablesManifest = null, lax).Only(DeliverablesManifest, Blocking).Message);
        Assert.Equal("deliverables_manifest is empty.", Judged.With(handoff => handoff.DeliverablesManifest = new TextArray([]), lax).Only(DeliverablesManifest, Blocking).Message);
    }

    private static ReadinessFinding? Of(int done, int count, ReadinessRules rules)
    {
        string?[] entries = [.. Enumerable.Range(0, count).Select(i => i < done ? $"src/part{i}.ts" : $"[ ] src/part{i}.ts")];
        return Judged.With(handoff => handoff.DeliverablesManifest = new TextArray(entries), rules).Findings.SingleOrDefault();
    }

    [Theory]
    [InlineData("## Files\n- src/a.ts\n- src/b.ts\n\n## Migrations\n1. up.sql (created but not applied)\n\n**File**: src/a.ts", 2, 3)]
    [InlineData("**EXEC Deliverables:**\n\n- [x] a\n- [ ] b\n  - c\n", 2, 3)]
    [InlineData("### Done\n- a\n### Deferred\n- b\n- c\n### Also done\n- d", 2, 4)]
    [InlineData("**Done:**\n- a\n\n**Deferred to PLAN phase:**\n- b", 1, 2)]
    [InlineData("✅ a\n✅ b\n❌ c", 2, 3)]
    [InlineData("src/a.ts\nsrc/b.ts (pending)\nsrc/c.ts", 2, 3)]
    [InlineData("[\"a\", \"b (pending)\", \"c\"]", 2, 3)]
    [InlineData("[{\"name\": \"a\", \"status\": \"complete\"}, {\"name\": \"b\", \"status\": \"pending\"}, {\"file\": \"c\", \"done\": false}]", 1, 3)]
    [InlineData("{\"files\": [\"a\", \"b\"], \"deferred\": [\"c\"], \"status\": \"complete\", \"total\": 3}", 2, 3)]
    [InlineData("{\"schema\": true, \"tests\": false, \"guide\": \"docs/guide.md\"}", 2, 3)]
    [InlineData("[x] a", 1, 1)]
    [InlineData("a", 1, 1)]
    public void A_manifest_in_one_text_is_split_into_its_entries(string manifest, int done, int count)
    {
        string?[] entries = [.. DeliverableList.Of(new TextArray([manifest, " "]))];
        Assert.Equal((done, count), (entries.Count(entry => !Deliverable.IsOpen(entry)), entries.Count(entry => !string.IsNullOrWhiteSpace(entry))));
    }

    [Fact]
    public void Elements_of_a_list_stay_as_they_are() =>
        Assert.Equal(["- a\n- b", "c"], DeliverableList.Of(new TextArray(["- a\n- b", "c"])));
}
