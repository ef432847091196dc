using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace LeoPS;

/// <summary>The run that a block of Invoke-FlowExecution works on: what it was given, and what the block gives back beside its output.</summary>
public sealed class FlowRun
{
    private readonly Action _overBudget;
    private int? _budgetConsumed;

    internal FlowRun(FlowExecution execution, int attempt, Action overBudget, CancellationToken stopping)
    {
        _overBudget = overBudget;
        Execution = execution;
        Attempt = attempt;
        Stopping = stopping;
    }

    /// <summary>The run as it was when it began.</summary>
    public FlowExecution Execution { get; }

    /// <summary>id of the run.</summary>
    public Guid Id => Execution.Id;

    /// <summary>execution_key.</summary>
    public string ExecutionKey => Execution.ExecutionKey;

    /// <summary>The key of the flow; null where row level security hides it.</summary>
    public string? FlowKey => Execution.FlowKey;

    /// <summary>The input; null for none.</summary>
    public object? InputState => Execution.InputState;

    /// <summary>Which attempt this is, from 1.</summary>
    public int Attempt { get; }

    /// <summary>Tokens used: becomes token_count.</summary>
    public int? TokenCount { get; set; }

    /// <summary>Cost in US dollars: becomes cost_usd, with four decimals.</summary>
    public decimal? CostUsd { get; set; }

    /// <summary>
    /// Units of the budget that the run has consumed: becomes budget_consumed, where the table has that column. As soon as it is more than the
    /// run's limit, the block is stopped, and the run ends as killed by its budget.
    /// </summary>
    public int? BudgetConsumed
    {
        get => _budgetConsumed;
        set
        {
            _budgetConsumed = value;
            if (value > Execution.BudgetLimit)
            {
                _overBudget();
            }
        }
    }

    /// <summary>The units of budget that the run may consume; null for no limit.</summary>
    public int? BudgetLimit => Execution.BudgetLimit;

    /// <summary>What is added to the metadata at the end; empty at first.</summary>
    [SuppressMessage("Usage", "CA2227", Justification = "A block may as well assign a hashtable.")]
    public IDictionary Metadata { get; set; } = new Hashtable(StringComparer.OrdinalIgnoreCase);

    /// <summary>Cancelled when the block is to stop: hand it to calls of .NET, which PowerShell cannot interrupt.</summary>
    public CancellationToken Stopping { get; }

    /// <summary>Execution key and attempt.</summary>
    public override string ToString() => $"{ExecutionKey} attempt {Attempt}";
}
