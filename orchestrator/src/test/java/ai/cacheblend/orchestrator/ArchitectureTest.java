package ai.cacheblend.orchestrator;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/**
 * Arrows: cli to report to run to client to plan; report to compare to results, which reads files
 * alone; data sets stand apart.
 */
@AnalyzeClasses(
    packages = "ai.cacheblend.orchestrator",
    importOptions = ImportOption.DoNotIncludeTests.class)
final class ArchitectureTest {

  @ArchTest
  static final ArchRule messagesStayInTheClient =
      noClasses()
          .that()
          .resideOutsideOfPackage("..orchestrator.client..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("ai.cacheblend.proto..", "com.google.protobuf..", "io.grpc..");

  @ArchTest
  static final ArchRule planKnowsNobody =
      noClasses()
          .that()
          .resideInAPackage("..plan..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("..client..", "..run..", "..report..", "..cli..", "..dataset..");

  @ArchTest
  static final ArchRule clientKnowsThePlanAlone =
      noClasses()
          .that()
          .resideInAPackage("..client..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("..run..", "..report..", "..cli..", "..dataset..");

  @ArchTest
  static final ArchRule runPresentsNothing =
      noClasses()
          .that()
          .resideInAPackage("..run..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("..report..", "..cli..", "com.fasterxml.jackson..", "picocli..");

  @ArchTest
  static final ArchRule reportStartsNothing =
      noClasses()
          .that()
          .resideInAPackage("..report..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("..cli..", "picocli..");

  @ArchTest
  static final ArchRule resultsReadFilesAlone =
      noClasses()
          .that()
          .resideInAPackage("..results..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "..plan..", "..client..", "..run..", "..report..", "..compare..", "..cli..");

  @ArchTest
  static final ArchRule comparingPresentsNothing =
      noClasses()
          .that()
          .resideInAPackage("..compare..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("..client..", "..run..", "..report..", "..cli..", "picocli..");

  /** What is shown of a finished run comes from its files, so that it can be shown at any time. */
  @ArchTest
  static final ArchRule thePageKnowsNoRunning =
      noClasses()
          .that()
          .resideInAnyPackage("..report.page..", "..report.chart..", "..report.csv..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("..client..", "..run..", "..plan..");
}
