package ai.cacheblend.worker.chunks.format;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import ai.cacheblend.worker.chunks.ChunkKey;
import ai.cacheblend.worker.chunks.tier.KvForm;

/**
 * Identity of a chunk's KV, and form of the value that holds it. A reader accepts only a value that
 * states all of it.
 *
 * @param modelFingerprint of configuration and weights
 * @param key of the chunk, a hash of its tokens too
 */
public record ChunkDescription(String modelFingerprint, ChunkKey key, KvForm form) {

  public ChunkDescription {
    checkArgument(
        modelFingerprint.matches("[0-9a-zA-Z._-]{1,128}"),
        "modelFingerprint is \"%s\"; must be 1 to 128 letters, digits, '.', '_' or '-'",
        modelFingerprint);
    requireNonNull(key, "key is null");
    requireNonNull(form, "form is null");
  }
}
