package ai.cacheblend.orchestrator;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/**
 * Dependencies: cli on console, page, csv and compare; these on records; cli and console on load
 * and run; load on run; run on records and dataset; records on client; client on plan.
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
  static final ArchRule onlyCommandsAndDatasetsUseTheHub =
      noClasses()
          .that()
          .resideOutsideOfPackages("..orchestrator.dataset..", "..orchestrator.cli..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("ai.cacheblend.hub..");

  @ArchTest
  static final ArchRule onlyCommandsLoadTheEncoder =
      noClasses()
          .that()
          .resideOutsideOfPackage("..orchestrator.cli..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("ai.cacheblend.encoder..");

  @ArchTest
  static final ArchRule planDependsOnNoOtherPackage =
      noClasses()
          .that()
          .resideInAPackage("..plan..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "..client..", "..run..", "..records..", "..console..", "..cli..", "..dataset..");

  @ArchTest
  static final ArchRule clientDependsOnlyOnThePlan =
      noClasses()
          .that()
          .resideInAPackage("..client..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("..run..", "..records..", "..console..", "..cli..", "..dataset..");

  @ArchTest
  static final ArchRule recordsDoNotDependOnRunsAndViews =
      noClasses()
          .that()
          .resideInAPackage("..records..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "..run..",
              "..load..",
              "..compare..",
              "..console..",
              "..page..",
              "..csv..",
              "..cli..",
              "..dataset..",
              "picocli..");

  @ArchTest
  static final ArchRule runDoesNotDependOnViews =
      noClasses()
          .that()
          .resideInAnyPackage("..run..", "..load..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "..compare..",
              "..console..",
              "..page..",
              "..csv..",
              "..cli..",
              "com.fasterxml.jackson..",
              "picocli..");

  @ArchTest
  static final ArchRule viewsDoNotDependOnCommands =
      noClasses()
          .that()
          .resideInAnyPackage("..console..", "..page..", "..csv..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("..cli..", "picocli..");

  @ArchTest
  static final ArchRule compareDoesNotDependOnViews =
      noClasses()
          .that()
          .resideInAPackage("..compare..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("..client..", "..run..", "..console..", "..cli..", "picocli..");

  @ArchTest
  static final ArchRule runDoesNotDependOnLoad =
      noClasses()
          .that()
          .resideInAPackage("..run..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("..load..");

  /** Views of finished runs use their records only, so a run can be shown at any time. */
  @ArchTest
  static final ArchRule viewsOfFinishedRunsDoNotDependOnRunning =
      noClasses()
          .that()
          .resideInAnyPackage("..page..", "..csv..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("..client..", "..run..", "..load..", "..plan..");

  @ArchTest
  static final ArchRule parquetAndJinjaDependOnNoOtherPackage =
      noClasses()
          .that()
          .resideInAnyPackage("..parquet..", "..jinja..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("ai.cacheblend.hub..", "..dataset..", "..plan..", "..cli..");
}
