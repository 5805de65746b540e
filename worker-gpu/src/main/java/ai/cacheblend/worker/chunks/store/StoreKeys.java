package ai.cacheblend.worker.chunks.store;

import static java.util.Objects.requireNonNull;

import ai.cacheblend.worker.chunks.ChunkKey;
import ai.cacheblend.worker.kv.KvEncoding;

/**
 * Names on the server. An entry is a hash with the fields {@link #HEADER} and the numbers of the
 * layers: the header and the layers in ascending order are a safetensors file. Braces keep all
 * names of a chunk in one slot of a cluster.
 */
record StoreKeys(String modelFingerprint, KvEncoding encoding) {
  static final String HEADER = "header";

  StoreKeys {
    requireNonNull(modelFingerprint, "modelFingerprint is null");
    requireNonNull(encoding, "encoding is null");
  }

  String entry(ChunkKey key) {
    return prefix() + "{" + key.hex() + "}";
  }

  /** An entry that is being written, until it is complete. */
  String unfinished(ChunkKey key, String suffix) {
    return entry(key) + ":" + suffix;
  }

  /** Matches all names of the model in this encoding. */
  String pattern() {
    return prefix() + "*";
  }

  private String prefix() {
    return "cacheblend:1:%s:%s:".formatted(modelFingerprint, encoding.id());
  }
}
