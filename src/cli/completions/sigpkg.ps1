# Completions of sigpkg for PowerShell. Packages, ids and statements come from the stores, each time anew.

Register-ArgumentCompleter -Native -CommandName sigpkg -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $before = $commandAst.CommandElements | Where-Object { $_.Extent.EndOffset -le $cursorPosition }
    $words = @($before | ForEach-Object { $_.Extent.Text })
    $at = $words.Count
    # The word at the cursor is the last of them; an empty one is none, and would be lost on the way.
    if ($wordToComplete -ne '') { $at = $at - 1 }
    foreach ($line in @(& sigpkg __complete $at -- $words 2>$null)) {
        # Without an answer PowerShell completes paths itself.
        if ($line -eq ':files' -or $line -eq ':folders') { continue }
        $value, $what = $line -split "`t", 2
        if (-not $what) { $what = $value }
        [System.Management.Automation.CompletionResult]::new($value, $value, 'ParameterValue', $what)
    }
}
