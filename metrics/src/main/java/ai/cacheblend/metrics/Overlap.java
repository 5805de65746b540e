package ai.cacheblend.metrics;

import com.google.common.collect.HashMultiset;
import com.google.common.collect.Multiset;
import com.google.common.collect.Multisets;
import java.util.List;

/** Precision, recall and their harmonic mean from counts of shared items. */
final class Overlap {

  private Overlap() {}

  /** Number of items that two lists share, with multiplicity. */
  static int multisetCount(List<?> left, List<?> right) {
    Multiset<Object> leftItems = HashMultiset.create(left);
    Multiset<Object> rightItems = HashMultiset.create(right);
    return Multisets.intersection(leftItems, rightItems).size();
  }

  /** {@code 2PR / (P + R)}; 0 if nothing is shared, which also covers an empty side. */
  static double f1(int sharedCount, int predictionCount, int referenceCount) {
    if (sharedCount == 0) {
      return 0;
    }
    double precision = (double) sharedCount / predictionCount;
    double recall = (double) sharedCount / referenceCount;
    return 2 * precision * recall / (precision + recall);
  }
}
