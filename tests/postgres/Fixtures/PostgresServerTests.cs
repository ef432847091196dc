using Npgsql;

namespace LeoPS.PostgresTests.Fixtures;

[Collection(PostgresServerGroup.Name)]
public sealed class PostgresServerTests(PostgresServer server)
{
    [PostgresFact]
    public async Task Databases_are_new_empty_and_apart()
    {
        string one = await server.CreateDatabaseAsync();
        await using (NpgsqlConnection connection = await server.OpenAsync(one))
        {
            await using var command = new NpgsqlCommand("create table mine as select 1 as n", connection);
            await command.ExecuteNonQueryAsync();
        }

        string two = await server.CreateDatabaseAsync();
        string copy = await server.CreateDatabaseAsync(template: one);
        Assert.Equal(3, new[] { one, two, copy }.Distinct().Count());
        Assert.Equal((true, false, true), (await HasTableAsync(one), await HasTableAsync(two), await HasTableAsync(copy)));
        Assert.Equal(one, server.SettingsFor(one).Database);
        Assert.Equal(server.Settings.Password, server.SettingsFor(one).Password);
    }

    private async Task<bool> HasTableAsync(string database)
    {
        await using NpgsqlConnection connection = await server.OpenAsync(database);
        await using var command = new NpgsqlCommand("select to_regclass('public.mine') is not null", connection);
        return (bool)(await command.ExecuteScalarAsync())!;
    }
}
