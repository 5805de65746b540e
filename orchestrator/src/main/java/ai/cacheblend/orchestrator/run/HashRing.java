package ai.cacheblend.orchestrator.run;

import com.google.common.hash.HashCode;
import com.google.common.hash.HashFunction;
import com.google.common.hash.Hashing;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;

/**
 * Consistent hashing: if a node is removed, only its keys move to other nodes. Depends on the names
 * of the nodes, not on their order.
 */
final class HashRing {
  private static final HashFunction HASH = Hashing.murmur3_128();

  /** Points per node on the ring; shares of nodes differ by about ten per cent. */
  private static final int VIRTUAL_NODE_COUNT = 128;

  private final NavigableMap<Long, String> points = new TreeMap<>();

  HashRing(List<String> nodes) {
    for (String node : nodes) {
      for (int i = 0; i < VIRTUAL_NODE_COUNT; i++) {
        points.put(
            HASH.newHasher().putString(node, StandardCharsets.UTF_8).putInt(i).hash().asLong(),
            node);
      }
    }
  }

  /** All distinct nodes in ring order from {@code key}; the first one owns the key. */
  List<String> preference(HashCode key) {
    long point = key.asLong();
    Set<String> nodes = new LinkedHashSet<>();
    for (Map<Long, String> half : List.of(points.tailMap(point, true), points.headMap(point))) {
      nodes.addAll(half.values());
    }
    return new ArrayList<>(nodes);
  }
}
