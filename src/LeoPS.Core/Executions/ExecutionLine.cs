using System.Text.Json;
using LeoPS.Statuses;
using LeoPS.Text;

namespace LeoPS.Executions;

/// <summary>Reads a line that <see cref="ExecutionJson"/> wrote, and gets back the run as it was: what is absent is NULL, and no column gets its default.</summary>
public static class ExecutionLine
{
    private static readonly string _noun = ExecutionTransitions.Table.Noun;

    /// <summary>The columns that the contract lists and that travel as one JSON object, by the names of the line.</summary>
    private static readonly (string Property, string Column, Func<JsonLineReader, string, JsonElement, string> Json)[] _plain =
    [
        (nameof(FlowExecution.Status), "status", ColumnOf<ExecutionStatus>),
        (nameof(FlowExecution.ErrorMessage), "error_message", Text),
        (nameof(FlowExecution.ErrorStack), "error_stack", Text),
        (nameof(FlowExecution.ErrorType), "error_type", Text),
        (nameof(FlowExecution.StartedAt), "started_at", Time),
        (nameof(FlowExecution.CompletedAt), "completed_at", Time),
        (nameof(FlowExecution.DurationMs), "duration_ms", Number),
        (nameof(FlowExecution.TokenCount), "token_count", Number),
        (nameof(FlowExecution.CostUsd), "cost_usd", Number),
        (nameof(FlowExecution.BoardMeetingId), "board_meeting_id", Id),
        (nameof(FlowExecution.ExecutedBy), "executed_by", Id),
        (nameof(FlowExecution.ExecutionMode), "execution_mode", ColumnOf<ExecutionMode>),
    ];

    // Read otherwise, or passed over: names are the flow's, and the version is one that the new row does not have.
    private static readonly string[] _others =
    [
        nameof(FlowExecution.Id), nameof(FlowExecution.FlowId), nameof(FlowExecution.FlowKey), nameof(FlowExecution.FlowName), nameof(FlowExecution.ExecutionKey),
        nameof(FlowExecution.InputState), nameof(FlowExecution.OutputState), nameof(FlowExecution.Metadata),
        nameof(FlowExecution.RowVersion), nameof(FlowExecution.AdditionalColumns),
    ];

    /// <summary>The other columns that the contract lists.</summary>
    private static readonly string[] _read = ["id", "flow_id", "execution_key", "input_state", "output_state", "metadata"];

    /// <summary>Reads one line.</summary>
    /// <param name="line">The line; it is also the source of the start.</param>
    /// <exception cref="LeoException">InvalidJson where it is no JSON object; InvalidIdentity where it has no id; ValueOutOfRange where it has what no execution has, or lacks what each has.</exception>
    public static RunStart Parse(string line) => JsonLineReader.Read(line, "Get-FlowExecution -AsJson", row => Read(row, line));

    private static RunStart Read(JsonElement row, string line)
    {
        var reader = new JsonLineReader(_noun);
        var members = new List<string>();
        foreach (JsonProperty property in row.EnumerateObject())
        {
            if (Array.Find(_plain, p => p.Property == property.Name) is { Column: not null } plain)
            {
                if (property.Value.ValueKind != JsonValueKind.Null)
                {
                    reader.Add(property);
                    members.Add($"\"{plain.Column}\":{plain.Json(reader, property.Name, property.Value)}");
                }
            }
            else if (_others.Contains(property.Name))
            {
                reader.Add(property);
            }
            else
            {
                throw Unknown(property.Name);
            }
        }

        Guid id = reader.Required(nameof(FlowExecution.Id), reader.Id, LeoErrorId.InvalidIdentity);
        IReadOnlyList<string> additional = Additional(row, members);
        return new RunStart
        {
            Id = id,
            FlowId = reader.Required(nameof(FlowExecution.FlowId), reader.Id),
            FlowKey = reader.Optional(nameof(FlowExecution.FlowKey), reader.Text),
            ExecutionKey = reader.Required(nameof(FlowExecution.ExecutionKey), reader.Text),
            Restored = new RestoredRun(
                $"{{{string.Join(',', members)}}}",
                reader.Raw(nameof(FlowExecution.InputState)),
                reader.Raw(nameof(FlowExecution.OutputState)),
                reader.Raw(nameof(FlowExecution.Metadata)),
                additional),
            Source = line,
        };
    }

    /// <summary>The names of the additional columns; their values join the members.</summary>
    private static List<string> Additional(JsonElement row, List<string> members)
    {
        var names = new List<string>();
        if (!row.TryGetProperty(nameof(FlowExecution.AdditionalColumns), out JsonElement columns) || columns.ValueKind == JsonValueKind.Null)
        {
            return names;
        }

        if (columns.ValueKind != JsonValueKind.Object)
        {
            throw new JsonLineReader(_noun).Refused(nameof(FlowExecution.AdditionalColumns), "a JSON object");
        }

        foreach (JsonProperty column in columns.EnumerateObject())
        {
            if (Array.Exists(_plain, p => p.Column == column.Name) || _read.Contains(column.Name))
            {
                throw new LeoException(
                    LeoErrorId.ValueOutOfRange, $"AdditionalColumns of the line names {column.Name}, for which the line has a key of its own. Give the line as it was written.");
            }

            names.Add(column.Name);
            members.Add($"{JsonText.EscapeString(column.Name)}:{column.Value.GetRawText()}");
        }

        return names;
    }

    private static string Text(JsonLineReader reader, string name, JsonElement value) => JsonText.EscapeString(reader.Text(name, value));

    private static string Number(JsonLineReader reader, string name, JsonElement value) => reader.Number(name, value);

    private static string Id(JsonLineReader reader, string name, JsonElement value) => JsonText.EscapeString(reader.Id(name, value).ToString());

    private static string Time(JsonLineReader reader, string name, JsonElement value)
    {
        _ = reader.Time(name);
        return value.GetRawText();
    }

    private static string ColumnOf<TName>(JsonLineReader reader, string name, JsonElement value)
        where TName : struct, Enum => JsonText.EscapeString(StatusNames<TName>.ToColumn(reader.Name<TName>(name, value)));

    private static LeoException Unknown(string name)
    {
        string[] known = [.. _plain.Select(p => p.Property), .. _others];
        string hint = NearestName.Find(name, known) is { } meant ? $"Perhaps {meant} is meant." : $"The keys are {string.Join(", ", known)}.";
        return new LeoException(
            LeoErrorId.ValueOutOfRange, $"The line's key '{Redaction.Redact(LeoErrors.Short(name))}' is none of an execution's, so the row was not written. {hint}");
    }
}
