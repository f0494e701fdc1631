package main

// conflict is a known difference between an older release and the newest, with the reason why the newest may win.
type conflict struct {
	conflictKey
	Reason string
}

// Message packages that the list below names often.
const (
	admissionAPI = "k8s.io.api.admissionregistration."
	coreAPI      = "k8s.io.api.core.v1."
	networkAPI   = "k8s.io.api.networking."
	extensionAPI = "k8s.io.api.extensions.v1beta1."
	resourceAPI  = "k8s.io.api.resource."
)

func retyped(field, was, now, reason string) conflict {
	return conflict{conflictKey{field, "type", was, now}, reason}
}

func renamed(field, was, now string) conflict {
	return conflict{conflictKey{field, "name", was, now}, "the protobuf name followed the JSON name; neither wire nor JSON shows it"}
}

func nowAlways(field string) conflict {
	return conflict{conflictKey{field, "always", "false", "true"}, "a required field lost its omitempty: printed even when empty since then"}
}

func nowOmitted(field, reason string) conflict {
	return conflict{conflictKey{field, "always", "true", "false"}, reason}
}

// Reasons that several entries share.
const (
	splitHandler     = "the handler type was split in two with the same numbers for exec, httpGet and tcpSocket"
	sameRule         = "v1beta1 took over v1's rule type, which has the same fields and numbers"
	ownLoadBalancer  = "Ingress got a load balancer status of its own; ip, hostname and ports kept their numbers"
	ownParameters    = "the reference got a type of its own with scope and namespace added to the same first three fields"
	becameOptional   = "the field became optional and got an omitempty; an empty one is no longer printed"
	pointerWithoutIt = "a pointer got its omitempty: null is no longer printed"
)

var conflicts = []conflict{
	retyped(coreAPI+"Lifecycle#1", coreAPI+"Handler", coreAPI+"LifecycleHandler", splitHandler),
	retyped(coreAPI+"Lifecycle#2", coreAPI+"Handler", coreAPI+"LifecycleHandler", splitHandler),
	retyped(coreAPI+"Probe#1", coreAPI+"Handler", coreAPI+"ProbeHandler", splitHandler),
	retyped(coreAPI+"PersistentVolumeClaimSpec#2", coreAPI+"ResourceRequirements", coreAPI+"VolumeResourceRequirements",
		"claims left: limits and requests kept their numbers, and claims was never valid in a volume claim"),
	retyped(coreAPI+"PersistentVolumeClaimSpec#8", coreAPI+"TypedLocalObjectReference", coreAPI+"TypedObjectReference",
		"namespace was added to the same first three fields"),
	retyped(extensionAPI+"IngressStatus#1", coreAPI+"LoadBalancerStatus", extensionAPI+"IngressLoadBalancerStatus", ownLoadBalancer),
	retyped(networkAPI+"v1.IngressStatus#1", coreAPI+"LoadBalancerStatus", networkAPI+"v1.IngressLoadBalancerStatus", ownLoadBalancer),
	retyped(networkAPI+"v1beta1.IngressStatus#1", coreAPI+"LoadBalancerStatus", networkAPI+"v1beta1.IngressLoadBalancerStatus", ownLoadBalancer),
	retyped(networkAPI+"v1.IngressClassSpec#2", coreAPI+"TypedLocalObjectReference", networkAPI+"v1.IngressClassParametersReference", ownParameters),
	retyped(networkAPI+"v1beta1.IngressClassSpec#2", coreAPI+"TypedLocalObjectReference", networkAPI+"v1beta1.IngressClassParametersReference", ownParameters),
	retyped(admissionAPI+"v1beta1.MutatingWebhook#3", admissionAPI+"v1beta1.RuleWithOperations", admissionAPI+"v1.RuleWithOperations", sameRule),
	retyped(admissionAPI+"v1beta1.ValidatingWebhook#3", admissionAPI+"v1beta1.RuleWithOperations", admissionAPI+"v1.RuleWithOperations", sameRule),

	renamed("k8s.io.api.authentication.v1.BoundObjectReference#2", "aPIVersion", "apiVersion"),
	renamed("k8s.io.api.rbac.v1.Subject#2", "aPIGroup", "apiGroup"),
	renamed("k8s.io.api.rbac.v1alpha1.Subject#2", "aPIVersion", "apiVersion"),
	renamed("k8s.io.api.rbac.v1beta1.Subject#2", "aPIGroup", "apiGroup"),
	renamed(resourceAPI+"v1alpha3.ResourceSliceList#1", "listMeta", "metadata"),
	{conflictKey{resourceAPI + "v1alpha3.ResourceSliceList#1", "json", "listMeta", "metadata"},
		"an alpha list printed its metadata under a wrong name for one release; lists are not stored"},

	{conflictKey{resourceAPI + "v1alpha3.AllocatedDeviceStatus#5", "presence", "value", "optional"},
		"data became a pointer one release after its birth; both read the other's bytes"},
	{conflictKey{resourceAPI + "v1beta1.AllocatedDeviceStatus#5", "presence", "value", "optional"},
		"data became a pointer one release after its birth; both read the other's bytes"},
	{conflictKey{resourceAPI + "v1alpha3.DeviceRequest#6", "presence", "value", "optional"},
		"adminAccess became a pointer one release after its birth; both read the other's bytes"},
	nowOmitted(resourceAPI+"v1alpha3.AllocatedDeviceStatus#5", "a struct value was always printed, the pointer that it became is not"),
	nowOmitted(resourceAPI+"v1beta1.AllocatedDeviceStatus#5", "a struct value was always printed, the pointer that it became is not"),

	nowOmitted(metaV1Package+".ObjectMeta#8", "creationTimestamp got omitzero: a zero time printed null up to v0.33"),

	nowAlways(admissionAPI + "v1.ValidatingAdmissionPolicyBindingList#2"),
	nowAlways(admissionAPI + "v1.ValidatingAdmissionPolicyList#2"),
	nowAlways(admissionAPI + "v1alpha1.ValidatingAdmissionPolicyBindingList#2"),
	nowAlways(admissionAPI + "v1alpha1.ValidatingAdmissionPolicyList#2"),
	nowAlways(admissionAPI + "v1beta1.ValidatingAdmissionPolicyBindingList#2"),
	nowAlways(admissionAPI + "v1beta1.ValidatingAdmissionPolicyList#2"),
	nowAlways("k8s.io.api.apps.v1.StatefulSetStatus#11"),
	nowAlways("k8s.io.api.apps.v1beta1.StatefulSetStatus#11"),
	nowAlways("k8s.io.api.apps.v1beta2.StatefulSetStatus#11"),
	nowAlways(coreAPI + "HostAlias#1"),
	nowAlways(coreAPI + "HostIP#1"),
	nowAlways(coreAPI + "LimitRangeItem#1"),
	nowAlways(coreAPI + "PodIP#1"),
	nowAlways(networkAPI + "v1.HTTPIngressPath#3"),

	nowOmitted(admissionAPI+"v1alpha1.ValidatingAdmissionPolicySpec#3", becameOptional),
	nowOmitted(admissionAPI+"v1alpha1.ValidatingAdmissionPolicySpec#7", becameOptional),
	nowOmitted(admissionAPI+"v1beta1.ValidatingAdmissionPolicySpec#7", becameOptional),
	nowOmitted("k8s.io.api.autoscaling.v2beta2.HPAScalingRules#3", pointerWithoutIt),
	nowOmitted("k8s.io.api.batch.v1.PodFailurePolicyRule#3", becameOptional),
	nowOmitted(extensionAPI+"IngressBackend#1", becameOptional),
	nowOmitted(networkAPI+"v1beta1.IngressBackend#1", becameOptional),
	nowOmitted("k8s.io.api.batch.v1.PodFailurePolicyOnExitCodesRequirement#1", pointerWithoutIt),
	nowOmitted("k8s.io.api.batch.v1.PodFailurePolicyRule#2", pointerWithoutIt),
	nowOmitted(resourceAPI+"v1.ResourceSliceSpec#6", becameOptional),
	nowOmitted(resourceAPI+"v1beta1.ResourceSliceSpec#6", becameOptional),
	nowOmitted(resourceAPI+"v1beta2.ResourceSliceSpec#6", becameOptional),
	nowOmitted(resourceAPI+"v1beta1.DeviceRequestAllocationResult#5", pointerWithoutIt),
	nowOmitted(resourceAPI+"v1beta2.DeviceRequestAllocationResult#5", pointerWithoutIt),
	nowOmitted("k8s.io.kube_aggregator.pkg.apis.apiregistration.v1.APIServiceSpec#1", pointerWithoutIt),
	nowOmitted("k8s.io.kube_aggregator.pkg.apis.apiregistration.v1beta1.APIServiceSpec#1", pointerWithoutIt),
}
