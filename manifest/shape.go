package manifest

import "maps"

// shape is the fields that a mapping may have, each with the shape of its own content. Lists are looked through. A nil shape is not
// looked into.
type shape map[string]shape

var (
	metaShape = plain(
		"name", "generateName", "namespace", "labels", "annotations", "uid", "resourceVersion", "generation", "creationTimestamp", "deletionTimestamp",
		"deletionGracePeriodSeconds", "ownerReferences", "finalizers", "managedFields", "selfLink", "clusterName",
	)
	tlsShape     = plain("hosts", "secretName")
	backendShape = shape{"service": {"name": nil, "port": plain("name", "number")}, "resource": nil}
	// oldBackendShape is that of the versions before networking.k8s.io/v1.
	oldBackendShape = plain("serviceName", "servicePort", "resource")

	ingressShape      = objectShape("spec", ingressSpec("defaultBackend", backendShape))
	oldIngressShape   = objectShape("spec", ingressSpec("backend", oldBackendShape))
	ingressClassShape = objectShape("spec", plain("controller", "parameters"))
	serviceShape      = objectShape("spec", serviceSpec())
	sliceShape        = objectShape("", plain("addressType", "endpoints", "ports"))
	endpointsShape    = objectShape("", plain("subsets"))
	secretShape       = objectShape("", plain("data", "stringData", "type", "immutable"))
	configMapShape    = objectShape("", plain("data", "binaryData", "immutable"))
)

// plain is the shape of fields that are not looked into.
func plain(names ...string) shape {
	s := make(shape, len(names))
	for _, name := range names {
		s[name] = nil
	}
	return s
}

// objectShape adds what all objects have. The content stands in a field of its own, or, if that has no name, beside the others.
func objectShape(field string, content shape) shape {
	s := shape{"apiVersion": nil, "kind": nil, "metadata": metaShape, "status": nil}
	if field != "" {
		s[field] = content
		return s
	}
	maps.Copy(s, content)
	return s
}

// ingressSpec is the spec of an Ingress whose default backend has a name and a shape.
func ingressSpec(defaultName string, backend shape) shape {
	path := shape{"path": nil, "pathType": nil, "backend": backend}
	return shape{
		"ingressClassName": nil, defaultName: backend, "tls": tlsShape,
		"rules": {"host": nil, "http": {"paths": path}},
	}
}

func serviceSpec() shape {
	s := plain(
		"selector", "clusterIP", "clusterIPs", "type", "externalIPs", "sessionAffinity", "sessionAffinityConfig", "loadBalancerIP",
		"loadBalancerSourceRanges", "loadBalancerClass", "allocateLoadBalancerNodePorts", "externalName", "externalTrafficPolicy", "internalTrafficPolicy",
		"healthCheckNodePort", "publishNotReadyAddresses", "ipFamily", "ipFamilies", "ipFamilyPolicy", "topologyKeys", "trafficDistribution",
	)
	s["ports"] = plain("name", "protocol", "appProtocol", "port", "targetPort", "nodePort")
	return s
}
