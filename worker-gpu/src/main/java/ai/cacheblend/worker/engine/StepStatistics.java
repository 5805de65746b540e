package ai.cacheblend.worker.engine;

import com.google.common.primitives.ImmutableLongArray;

/**
 * Steps since the engine started.
 *
 * @param rowCount rows in layer 0, summed over steps
 * @param sequenceCount sequences, summed over steps
 * @param stepsBySequences element i: steps of 2^i to 2^(i+1) − 1 sequences
 * @param stepsByRows element i: steps of 2^i to 2^(i+1) − 1 rows
 */
public record StepStatistics(
    long stepCount,
    long rowCount,
    long sequenceCount,
    ImmutableLongArray stepsBySequences,
    ImmutableLongArray stepsByRows) {}
