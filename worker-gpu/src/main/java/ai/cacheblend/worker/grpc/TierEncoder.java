package ai.cacheblend.worker.grpc;

import ai.cacheblend.proto.v1.Tier;
import ai.cacheblend.proto.v1.TierRows;
import ai.cacheblend.proto.v1.TierStatistics;
import ai.cacheblend.worker.chunks.tier.TierKind;
import java.util.List;
import java.util.Map;

/** Encodes tiers of stored chunks. */
final class TierEncoder {
  private TierEncoder() {}

  static TierStatistics encode(ai.cacheblend.worker.chunks.tier.TierStatistics tier) {
    return TierStatistics.newBuilder()
        .setTier(encode(tier.kind()))
        .setChunkCount(tier.chunkCount())
        .setByteCount(tier.byteCount())
        .setBudgetByteCount(tier.budgetByteCount())
        .setHitCount(tier.hitCount())
        .setMissCount(tier.missCount())
        .setEvictedCount(tier.evictedCount())
        .setCorruptCount(tier.corruptCount())
        .setReadByteCount(tier.readByteCount())
        .setReadNanos(tier.readNanos())
        .setWrittenByteCount(tier.writtenByteCount())
        .setWriteNanos(tier.writeNanos())
        .build();
  }

  /** The fastest tier first. */
  static List<TierRows> encode(Map<TierKind, Integer> rows) {
    return rows.entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .map(
            entry ->
                TierRows.newBuilder()
                    .setTier(encode(entry.getKey()))
                    .setTokenCount(entry.getValue())
                    .build())
        .toList();
  }

  private static Tier encode(TierKind kind) {
    return switch (kind) {
      case DEVICE -> Tier.TIER_DEVICE;
      case HOST -> Tier.TIER_HOST;
      case DISK -> Tier.TIER_DISK;
      case STORE -> Tier.TIER_STORE;
    };
  }
}
