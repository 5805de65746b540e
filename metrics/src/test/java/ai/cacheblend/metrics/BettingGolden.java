package ai.cacheblend.metrics;

import com.google.common.primitives.ImmutableDoubleArray;
import java.util.Arrays;
import java.util.List;

/**
 * A row of {@code betting_golden.tsv}.
 *
 * @param samples number of samples at the decision, or all
 * @param differences candidate minus baseline
 * @param interval 95 % confidence interval of the mean difference, on a grid of 0.001
 */
record BettingGolden(
    double margin,
    double alpha,
    String decision,
    int samples,
    double logPassCapital,
    double logFailCapital,
    Interval interval,
    ImmutableDoubleArray differences) {

  static List<BettingGolden> all() {
    return Golden.rows("betting_golden.tsv").stream().map(BettingGolden::of).toList();
  }

  /** The file holds losses, baseline minus candidate. */
  private static BettingGolden of(String[] row) {
    return new BettingGolden(
        Double.parseDouble(row[0]),
        Double.parseDouble(row[1]),
        row[2],
        Integer.parseInt(row[3]),
        Double.parseDouble(row[4]),
        Double.parseDouble(row[5]),
        new Interval(-Double.parseDouble(row[7]), -Double.parseDouble(row[6])),
        ImmutableDoubleArray.copyOf(
            Arrays.stream(row[8].split(" ")).mapToDouble(loss -> -Double.parseDouble(loss))));
  }
}
