# Making handoffs in bulk, beside one set-based insert of psql's with the same rows.

function Reset-Content {
    & psql @psql -v 'rows=0' -f (Join-Path $PSScriptRoot 'handoffs.sql')
    if ($LASTEXITCODE -ne 0) { throw 'The table could not be rebuilt.' }
}

function Assert-Made([int] $Expected) {
    $made = & psql @psql -At -c "select count(*) || ' ' || count(distinct implementation_summary) || ' ' || count(distinct test_results::text) || ' ' || sum(cardinality(deliverables_manifest)) from exec_handoff_preparations where handoff_status = 'preparing'"
    if ($made -ne "$Expected $Expected 5 $($Expected * 3)") { throw "Of $Expected handoffs, $made were made, differ, have so many kinds of test results, and list so many deliverables." }
}

# psql makes all of them in one statement of its own.
$makeAll = @"
insert into exec_handoff_preparations (session_id, sd_id, implementation_summary, quality_metrics, test_results, demo_url, deliverables_manifest, known_issues)
select s.id, s.sd_id, 'Implements part ' || n || ' of the directive: endpoints, tests and documents, as planned.',
       jsonb_build_object('coverage', 60 + n % 40, 'lintErrors', n % 3),
       jsonb_build_object('unit', jsonb_build_object('total', 120, 'passed', 120 - n % 5)),
       'https://demo.example.com/' || n,
       array['src/api/part' || n || '.ts', 'tests/part' || n || '.spec.ts', 'docs/part' || n || '.md'],
       array['Slow on the first load of part ' || n]
from generate_series(1, $Rows) n
join exec_implementation_sessions s on s.id = md5('session' || 1 + n % 100)::uuid
returning *
"@

$drafts = @(foreach ($n in 1..$Rows) {
        [pscustomobject]@{
            SdId                  = 'SD-BENCH-{0:000}' -f (1 + $n % 100)
            ImplementationSummary = "Implements part $n of the directive: endpoints, tests and documents, as planned."
            QualityMetrics        = @{ coverage = 60 + $n % 40; lintErrors = $n % 3 }
            TestResults           = "{""unit"": {""total"": 120, ""passed"": $(120 - $n % 5)}}"
            DemoUrl               = "https://demo.example.com/$n"
            DeliverablesManifest  = "src/api/part$n.ts", "tests/part$n.spec.ts", "docs/part$n.md"
            KnownIssues           = @("Slow on the first load of part $n")
        }
    })
foreach ($round in 1..$Rounds) {
    Write-Host "content, round $round of $Rounds"
    Reset-Content
    Add-Time 'psql: INSERT … SELECT … RETURNING *' (Measure-Milliseconds { & psql @psql -A -t -o /dev/null -c $makeAll })

    Reset-Content
    Add-Time '$drafts | New-HandoffPreparation' (Measure-Milliseconds { $drafts | New-HandoffPreparation })
    Assert-Made $Rows
}
$drafts = $null

Add-Ratio 'bulk creation over psql' ((Get-MedianTime '$drafts | New-HandoffPreparation') / (Get-MedianTime 'psql: INSERT … SELECT … RETURNING *')) '<= 2.5'
