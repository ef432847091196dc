namespace LeoPS.PostgresTests.Fixtures;

/// <summary>200,000 handoffs, all ready.</summary>
public sealed class HandoffDatabaseOf200000(PostgresServer server) : HandoffDatabaseFilled(server, 200_000);
