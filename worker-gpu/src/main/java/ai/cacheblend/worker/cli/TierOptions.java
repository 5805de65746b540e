package ai.cacheblend.worker.cli;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import ai.cacheblend.worker.chunks.WritePolicy;
import ai.cacheblend.worker.chunks.store.StoreOptions;
import ai.cacheblend.worker.forecast.LoadPolicy;
import ai.cacheblend.worker.kv.KvEncoding;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Tiers of stored chunks below the device.
 *
 * @param hostByteCount memory of the host tier; 0: none
 * @param encoding of chunks in all of them
 * @param loadPolicy of requests that ask for none
 */
record TierOptions(
    long hostByteCount,
    Optional<Disk> disk,
    Optional<StoreOptions> store,
    WritePolicy writePolicy,
    KvEncoding encoding,
    LoadPolicy loadPolicy) {
  static final TierOptions NONE =
      new TierOptions(
          0,
          Optional.empty(),
          Optional.empty(),
          WritePolicy.THROUGH,
          KvEncoding.NATIVE,
          LoadPolicy.LOAD);

  /** Enough for the chunks of a long prompt on their way through. */
  private static final long DEFAULT_HOST_BYTES = 1L << 30;

  /** A folder and the limit of its content. */
  record Disk(Path directory, long byteCount) {
    Disk {
      requireNonNull(directory, "directory is null");
      checkArgument(byteCount > 0, "--disk-size is %s; set it to 1 byte or more", byteCount);
    }
  }

  TierOptions {
    checkArgument(
        hostByteCount >= 0, "--host-memory is %s; set it to 0 bytes or more", hostByteCount);
    checkArgument(
        disk.isEmpty() || hostByteCount > 0,
        "--host-memory is 0, but chunks of --disk pass through it; set it to 1g or more");
    checkArgument(
        store.isEmpty() || hostByteCount > 0,
        "--host-memory is 0, but chunks of --store pass through it; set it to 1g or more");
    requireNonNull(writePolicy, "writePolicy is null");
    requireNonNull(encoding, "encoding is null");
    checkArgument(
        hostByteCount > 0 || encoding == KvEncoding.NATIVE,
        "--tier-kv is %s, but there is no tier; add --host-memory, --disk or --store",
        encoding.id());
    requireNonNull(loadPolicy, "loadPolicy is null");
  }

  /** From the command line; null: not given. */
  static TierOptions of(
      ByteCount host,
      Path disk,
      ByteCount diskSize,
      Optional<StoreOptions> store,
      String write,
      String kv,
      String load) {
    checkArgument(
        disk != null || diskSize == null, "--disk-size is given without --disk; add --disk DIR");
    checkArgument(
        disk == null || diskSize != null,
        "--disk is given without --disk-size; add it, for example --disk-size 200g");
    long defaultHostBytes = disk == null && store.isEmpty() ? 0 : DEFAULT_HOST_BYTES;
    return new TierOptions(
        host == null ? defaultHostBytes : host.bytes(),
        Optional.ofNullable(disk).map(directory -> new Disk(directory, diskSize.bytes())),
        store,
        writePolicy(write),
        encoding(kv),
        loadPolicy(load));
  }

  private static KvEncoding encoding(String name) {
    return KvEncoding.find(name)
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "--tier-kv is " + name + "; set it to native, fp8 or int8"));
  }

  private static LoadPolicy loadPolicy(String name) {
    return switch (name) {
      case "load" -> LoadPolicy.LOAD;
      case "auto" -> LoadPolicy.AUTO;
      default ->
          throw new IllegalArgumentException(
              "--tier-policy is " + name + "; set it to load or auto");
    };
  }

  private static WritePolicy writePolicy(String name) {
    return switch (name) {
      case "through" -> WritePolicy.THROUGH;
      case "back" -> WritePolicy.BACK;
      default ->
          throw new IllegalArgumentException(
              "--tier-write is " + name + "; set it to through or back");
    };
  }
}
