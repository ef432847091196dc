namespace LeoPS.PostgresTests.Fixtures;

/// <summary>100,000 handoffs, all ready.</summary>
public sealed class HandoffDatabaseOf100000(PostgresServer server) : HandoffDatabaseFilled(server, 100_000);
