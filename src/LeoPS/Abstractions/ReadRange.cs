using LeoPS.Reading;

namespace LeoPS.Abstractions;

/// <summary>Which part of a reading is wanted.</summary>
/// <param name="First">How many rows; null for all.</param>
/// <param name="Skip">How many to leave out before.</param>
/// <param name="Place">The row after which to go on; null for the beginning.</param>
internal sealed record ReadRange(long? First, long Skip, ResumePoint? Place);
