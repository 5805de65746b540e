package ai.cacheblend.metrics;

import com.google.common.collect.Sets;
import java.util.HashSet;
import java.util.Set;

/**
 * F1 over the <em>sets</em> of lower-cased words, punctuation and articles left in place. Repeated
 * words count once; "Paris" and "Paris." are different words.
 */
public final class SetF1 implements QualityMetric {

  @Override
  public String id() {
    return "set_f1_document";
  }

  @Override
  public String unit() {
    return "fraction";
  }

  @Override
  public Better better() {
    return Better.HIGHER;
  }

  @Override
  public String formula() {
    return "2PR/(P+R) over the sets of lower-cased words split on white space;"
        + " nothing shared or a side empty: 0";
  }

  @Override
  public double score(String prediction, String reference) {
    Set<String> predicted = words(prediction);
    Set<String> expected = words(reference);
    return Overlap.f1(
        Sets.intersection(predicted, expected).size(), predicted.size(), expected.size());
  }

  private static Set<String> words(String text) {
    return new HashSet<>(PythonText.split(PythonText.lower(text)));
  }
}
